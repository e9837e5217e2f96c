import leven from "leven";
import { readMs, show } from "./duration.ts";
import { InvalidInputError } from "./errors.ts";

/** How one option is read: what it accepts, in words, and what it becomes. */
export interface Field<Value> {
  /** Ends the sentence "must be …". */
  readonly expects: string;
  /** The value to use, or `undefined` if it is not acceptable. */
  readonly read: (value: unknown) => Value | undefined;
  readonly fallback?: unknown;
  readonly required?: boolean;
}

type Read<Spec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Field<infer Value>
    ? Spec[Name] extends { readonly fallback: unknown } | { readonly required: true }
      ? Value
      : Value | undefined
    : never;
};

/**
 * Reads an options object: refuses what is unknown (and suggests the right spelling) or unusable, fills in defaults.
 *
 * @param owner what the options are for, as errors call it: `Worker`
 * @throws {InvalidInputError} `OPTION_UNKNOWN`, `OPTION_INVALID` or `OPTION_MISSING`
 * @example
 * const { lease } = readOptions("Lock", { lease: "1m" }, { lease: withDefault(duration(), "30s") }); // lease: 60000
 */
export function readOptions<const Spec extends Readonly<Record<string, Field<unknown>>>>(
  owner: string,
  given: object | undefined,
  spec: Spec,
): Read<Spec> {
  if (given !== undefined && (typeof given !== "object" || given === null || Array.isArray(given))) {
    throw new InvalidInputError("OPTION_INVALID", owner, `${owner} takes its options as an object, not ${show(given)}.`);
  }
  refuseUnknown(owner, given ?? {}, Object.keys(spec));
  const read: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(spec)) {
    read[name] = readField(`${owner}.${name}`, (given as Record<string, unknown> | undefined)?.[name], field);
  }
  return read as Read<Spec>;
}

function readField(name: string, value: unknown, field: Field<unknown>): unknown {
  if (value === undefined) {
    if (!field.required) return field.fallback === undefined ? undefined : field.read(field.fallback);
    throw new InvalidInputError("OPTION_MISSING", name, `${name} must be given: ${field.expects}.`);
  }
  const read = field.read(value);
  if (read !== undefined) return read;
  throw new InvalidInputError("OPTION_INVALID", name, `${name} must be ${field.expects}, not ${show(value)}.`);
}

/** Throws on the first name that is not known, and says which known name it was probably meant to be. */
export function refuseUnknown(owner: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `It has: ${known.join(", ")}.` : `Did you mean "${near}"?`;
    throw new InvalidInputError("OPTION_UNKNOWN", `${owner}.${name}`, `${owner} has no option "${name}". ${hint}`);
  }
}

/** The known name closest to a misspelt one, if any is close enough to be a likely slip. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const ranked = known
    .map((each) => ({ each, distance: leven(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || Number(b.each[0] === name[0]) - Number(a.each[0] === name[0]));
  return ranked[0] !== undefined && ranked[0].distance <= limit ? ranked[0].each : undefined;
}

/** The same field, with a default in place of `undefined`. */
export function withDefault<Value>(field: Field<Value>, fallback: unknown): Field<Value> & { readonly fallback: unknown } {
  return { ...field, fallback };
}

/** The same field, refused when it is not given. */
export function required<Value>(field: Field<Value>): Field<Value> & { readonly required: true } {
  return { ...field, required: true };
}

/** A duration, read as whole milliseconds. */
export function duration(range: { readonly min?: number; readonly max?: number } = {}): Field<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  const limits = [min > 0 ? `at least ${min} ms` : "", range.max !== undefined ? `at most ${max} ms` : ""]
    .filter(Boolean)
    .join(", ");
  return {
    expects: `a duration such as 1500 or "30s"${limits && ` (${limits})`}`,
    read: (value) => {
      const read = readMs(value);
      return read !== undefined && read >= min && read <= max ? read : undefined;
    },
  };
}

/** A whole number within limits. `Infinity` is accepted where `max` is `Infinity`. */
export function integer(range: { readonly min?: number; readonly max?: number } = {}): Field<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range;
  return {
    expects: `a whole number${range.min === undefined ? "" : ` from ${min}`}${range.max === undefined ? "" : ` to ${max}`}`,
    read: (value) =>
      typeof value === "number" && (Number.isSafeInteger(value) || value === Infinity) && value >= min && value <= max
        ? value
        : undefined,
  };
}

/** A number within limits. `Infinity` is accepted where `max` is `Infinity`. */
export function number(range: { readonly min?: number; readonly max?: number } = {}): Field<number> {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = range;
  return {
    expects: `a number${range.min === undefined ? "" : ` from ${min}`}${range.max === undefined ? "" : ` to ${max}`}`,
    read: (value) => (typeof value === "number" && value >= min && value <= max ? value : undefined),
  };
}

/** `true` or `false`. */
export function boolean(): Field<boolean> {
  return { expects: "true or false", read: (value) => (typeof value === "boolean" ? value : undefined) };
}

/** Text that is not empty. */
export function text(range: { readonly max?: number } = {}): Field<string> {
  const { max = 1_000 } = range;
  return {
    expects: `text of 1 to ${max} characters`,
    read: (value) => (typeof value === "string" && value.length > 0 && value.length <= max ? value : undefined),
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Field<Word> {
  return {
    expects: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    read: (value) => (words.includes(value as Word) ? (value as Word) : undefined),
  };
}

/** Anything that passes a check: a function, an object of a kind. */
export function accept<Value>(expects: string, passes: (value: unknown) => boolean): Field<Value> {
  return { expects, read: (value) => (passes(value) ? (value as Value) : undefined) };
}

/**
 * Throws unless it is a function: a promise, say, where a function that makes one is meant.
 *
 * @param owner what takes it, as errors call it: `Lock.using`
 * @throws {InvalidInputError} `INPUT_INVALID`
 */
export function checkCallable(owner: string, name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new InvalidInputError("INPUT_INVALID", name, `${owner}: ${name} must be a function, not ${show(value)}.`);
}

/** A function. */
export function callable<Value extends (...args: never[]) => unknown>(): Field<Value> {
  return accept<Value>("a function", (value) => typeof value === "function");
}
