import type { RedisPort } from "../client/index.ts";
import { InvalidInputError, integer, oneOf, readOptions, required, show, withDefault } from "../core/index.ts";
import { run } from "../script/index.ts";
import { type Coded, codecField, type Ttl, ttlField } from "./options.ts";
import { append } from "./scripts.gen.ts";
import { encoded } from "./value.ts";

/** How {@link appendToLimitedList} appends. */
export interface LimitedListOptions<T> extends Coded<T> {
  /** The list keeps so many. */
  readonly max: number;
  /** How long the list lives from now; `"persist"` for ever. */
  readonly ttl: Exclude<Ttl, "keep">;
  /**
   * What gives way when the list is full: `drop-oldest` what is at its front, `drop-newest` what does not fit any more, `reject`
   * everything that was to be appended. @default "drop-oldest"
   */
  readonly overflow?: "drop-oldest" | "drop-newest" | "reject";
}

/** What became of an {@link appendToLimitedList}. `dropped` counts what was there and what was brought alike. */
export type Appended =
  | { readonly appended: true; readonly length: number; readonly dropped: number }
  | { readonly appended: false; readonly length: number };

/** More at a time would hold up everyone else. */
const valuesMax = 10_000;

/**
 * Appends to a list that keeps no more than so many, oldest first: `LRANGE key 0 -1` reads it. Writes once: it is never sent again by
 * itself.
 *
 * @param values one, or a list of them, at most 10,000
 * @throws {ScriptError} `WRONGTYPE` if the key holds something else; the call failed, and `applied` says whether it may have appended
 * @example
 * await appendToLimitedList(redis, "recent:7", "logged in", { max: 100, ttl: "7d" }); // { appended: true, length: 1, dropped: 0 }
 */
export async function appendToLimitedList<T = string>(
  redis: RedisPort,
  key: string,
  values: T | readonly T[],
  options: LimitedListOptions<T>,
): Promise<Appended> {
  const { max, ttl, overflow, codec } = readOptions("appendToLimitedList", options, {
    max: required(integer({ min: 1, max: 1_000_000 })),
    ttl: required(ttlField("persist")),
    overflow: withDefault(oneOf("drop-oldest", "drop-newest", "reject"), "drop-oldest"),
    codec: codecField<T>(),
  });
  const list = Array.isArray(values) ? (values as readonly T[]) : [values as T];
  if (list.length > valuesMax) {
    const message = `values must be at most ${valuesMax}, not ${show(list.length)}: append them in parts.`;
    throw new InvalidInputError("INPUT_INVALID", "values", message);
  }
  const value = list.map((each, index) => encoded(codec, `values[${index}]`, each));
  const { outcome, ...reply } = await run(redis, append, { list: key }, { max, overflow, ttl, value });
  return outcome === "full" ? { appended: false, length: reply.length } : ({ appended: true, ...reply } as Appended);
}
