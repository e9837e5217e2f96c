import type { RedisPort } from "../client/index.ts";
import { accept, type Duration, duration, InvalidInputError, readOptions, required } from "../core/index.ts";
import { run } from "../script/index.ts";
import { writeFenced as script } from "./scripts.gen.ts";

/** What is written, and on whose behalf. */
export interface FencedWrite {
  /** The writer's token: `held.token`. That of a Redlock without fencing, 0, is refused. */
  readonly token: bigint;
  /** Fields of the hash. `fence` is taken: it keeps the token of who wrote last. */
  readonly fields: Readonly<Record<string, string | Uint8Array>>;
  /** How long the record lives from now. @default as long as it did before */
  readonly ttl?: Duration;
}

/** Whether it was written; if not, the token of who wrote later. */
export type FencedWritten = { readonly written: true } | { readonly written: false; readonly newest: bigint };

/**
 * Writes fields of a Redis hash, unless somebody with a larger token has written before: a holder that was paused past its lease
 * changes nothing any more.
 *
 * @throws {InvalidInputError} the token, a field or the time cannot be used, or a field is called `fence`
 * @throws {ScriptError} Redis could not be asked
 * @example
 * const reply = await writeFenced(redis, "invoice:42", { token: held.token, fields: { state: "paid" } });
 * if (!reply.written) throw new Error("Somebody else has taken over.");
 */
export async function writeFenced(redis: RedisPort, key: string, write: FencedWrite): Promise<FencedWritten> {
  const { token, fields, ttl } = readOptions("writeFenced", write, {
    // Scripts compare tokens as numbers. 0 is what a Redlock without fencing gives everyone: it would fence nobody.
    token: required(accept<bigint>("the token of a lease: a bigint from 1 to 2^53 - 1", isToken)),
    fields: required(accept<FencedWrite["fields"]>("an object of fields", isFields)),
    ttl: duration({ min: 1 }),
  });
  if (Object.hasOwn(fields, "fence")) {
    const message = 'A fenced record keeps its writer\'s token in the field "fence": give yours another name.';
    throw new InvalidInputError("INPUT_INVALID", "fields.fence", message);
  }
  const reply = await run(redis, script, { record: key }, { token, ttlMs: ttl, fields });
  return reply.outcome === "written" ? { written: true } : { written: false, newest: reply.token };
}

function isToken(value: unknown): boolean {
  return typeof value === "bigint" && value > 0n && value < 2n ** 53n;
}

function isFields(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
