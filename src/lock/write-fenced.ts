import type { RedisPort } from "../client/index.ts";
import type { Duration } from "../core/index.ts";
import { run } from "../script/index.ts";
import { writeFenced as script } from "./scripts.gen.ts";

/** What is written, and on whose behalf. */
export interface FencedWrite {
  /** The writer's token: `held.token`. */
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
 * @throws {ScriptError} Redis could not be asked
 * @example
 * const reply = await writeFenced(redis, "invoice:42", { token: held.token, fields: { state: "paid" } });
 * if (!reply.written) throw new Error("Somebody else has taken over.");
 */
export async function writeFenced(redis: RedisPort, key: string, { token, fields, ttl }: FencedWrite): Promise<FencedWritten> {
  const { fence: _, ...rest } = fields;
  const reply = await run(redis, script, { record: key }, { token, ttlMs: ttl, fields: rest });
  return reply.outcome === "written" ? { written: true } : { written: false, newest: reply.token };
}
