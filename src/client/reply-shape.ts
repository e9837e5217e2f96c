import type { Reply } from "../port/index.ts";

/** Commands that RESP3 answers with pairs where RESP2 answers flat. */
const paired = new Set(
  "ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZINTER ZUNION ZDIFF ZRANDMEMBER ZPOPMIN ZPOPMAX HRANDFIELD".split(" "),
);

/** Commands that RESP3 answers with a map where RESP2 answers with a list of pairs. */
const mapped = new Set(["XREAD", "XREADGROUP"]);

/** Whether a reply may have another shape in RESP3 than in RESP2, beyond what type mapping evens out. */
export function shapeDiffers(name: string): boolean {
  return paired.has(name) || mapped.has(name);
}

/**
 * A reply as RESP2 shapes it, whichever protocol it came by. Maps are flat lists already.
 *
 * @param name name of the command, in capitals
 */
export function resp2Shape(name: string, reply: Reply): Reply {
  if (!Array.isArray(reply) || reply.length === 0) return reply;
  const nested = Array.isArray(reply[0]);
  if (nested && paired.has(name)) return (reply as readonly Reply[]).flat() as readonly Reply[];
  if (!nested && mapped.has(name)) return pairs(reply);
  return reply;
}

function pairs(flat: readonly Reply[]): readonly Reply[] {
  const list: Reply[] = [];
  for (let index = 0; index < flat.length; index += 2) list.push([flat[index] as Reply, flat[index + 1] as Reply]);
  return list;
}

/** A reply without what only RESP3 has: maps become flat lists, doubles text, booleans 1 and 0. */
export function portable(value: unknown): Reply {
  if (Array.isArray(value)) return value.map(portable);
  if (value instanceof Map) return [...value].flat().map(portable);
  if (value instanceof Set) return [...value].map(portable);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" && !Number.isInteger(value)) return Number.isFinite(value) ? String(value) : infinite(value);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Error) return value as Reply;
  return Object.entries(value).flat().map(portable);
}

function infinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
