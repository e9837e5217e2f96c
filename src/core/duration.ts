import ms from "ms";
import { InvalidInputError } from "./errors.ts";

type Unit = "ms" | "s" | "m" | "h" | "d" | "w";

/** A length of time: milliseconds, or a number with a unit such as `"250ms"`, `"30s"`, `"5m"`, `"1h"`, `"7d"`. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`;

// So many digits and no more: `ms` throws on text of a hundred characters.
const text = /^\d{1,20}(?:\.\d{1,20})? ?(?:ms|s|m|h|d|w)$/;

/** Half of what a Date can hold: 136,000 years from now is still a date, and a number that Lua and JavaScript hold exactly. */
const longest = 4.32e15;

/**
 * Turns a {@link Duration} into whole milliseconds.
 *
 * @param field what to call it in an error, for example `Lock.lease`
 * @throws {InvalidInputError} `INPUT_INVALID` if it is no duration, negative or not finite
 * @example
 * toMs("1.5s", "wait"); // 1500
 */
export function toMs(duration: Duration, field: string): number {
  const value = readMs(duration);
  if (value === undefined) {
    throw new InvalidInputError(
      "INPUT_INVALID",
      field,
      `${field} must be a duration, such as 1500 or "30s", not ${show(duration)}.`,
    );
  }
  return value;
}

/** What texts mean. A program has few of them, and reading one takes as long as the rest of a call: 1 µs. */
const meanings = new Map<string, number>();

/** The milliseconds of a duration, or `undefined` if it is none. */
export function readMs(value: unknown): number | undefined {
  const known = typeof value === "string" ? meanings.get(value) : undefined;
  if (known !== undefined) return known;
  const read = readAnew(value);
  if (typeof value === "string" && read !== undefined && meanings.size < 1_000) meanings.set(value, read);
  return read;
}

function readAnew(value: unknown): number | undefined {
  const parsed = typeof value === "string" && text.test(value) ? ms(value as ms.StringValue) : value;
  if (typeof parsed !== "number" || !(parsed >= 0 && parsed <= longest)) return undefined;
  // Rounded up: a wait that ends early is a wait that did not happen.
  return Math.ceil(parsed);
}

/** A value as an error message shows it: short, and never the whole of something large. */
export function show(value: unknown): string {
  try {
    return shown(value);
  } catch {
    // A getter, or a proxy, of its own.
    return "something that cannot be shown";
  }
}

/** What was thrown, as text; also what no text can be made of. */
export function messageOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return show(error);
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (value !== null && typeof value === "object") return `an object (${value.constructor?.name ?? "no prototype"})`;
  return typeof value === "bigint" ? `${value}n` : String(value);
}
