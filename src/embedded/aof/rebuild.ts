import { type Database, GrowingBytes, Hash, List, MemberSet, SortedSet, Stream, type Value } from "../store/index.ts";
import { formatDouble } from "../value/index.ts";
import { rebuildStream } from "./rebuild-stream.ts";

/** Elements that one command adds at most. */
const chunk = 512;

/** Bytes of a string that one command writes at most: the longest string of V8 is shorter than that of Redis. */
const pieceMax = 2 ** 28;

/** A command that builds up a part of what is stored; `at` where it must not run at the time of the others. */
export interface Rebuilding {
  readonly command: readonly string[];
  readonly at?: number;
}

/** The fewest commands that make a key what it is. */
export function* rebuildKey(db: Database, key: string, value: Value): Generator<Rebuilding> {
  const expiresAt = db.expiresAt(key);
  if (typeof value === "string" || value.type === "string") {
    const expiry = expiresAt === undefined ? [] : ["PXAT", String(expiresAt)];
    const whole = value instanceof GrowingBytes && value.length > pieceMax ? value.bytes : undefined;
    yield { command: ["SET", key, whole?.toString("latin1", 0, pieceMax) ?? value.toString(), ...expiry] };
    for (let at = pieceMax; whole !== undefined && at < whole.length; at += pieceMax)
      yield { command: ["APPEND", key, whole.toString("latin1", at, Math.min(at + pieceMax, whole.length))] };
    return;
  }
  if (value instanceof Stream) yield* rebuildStream(key, value);
  else yield* rebuildElements(key, value);
  if (expiresAt !== undefined) yield { command: ["PEXPIREAT", key, String(expiresAt)] };
}

function rebuildElements(key: string, value: Value): Generator<Rebuilding> {
  if (value instanceof Hash) return chunks("HSET", key, value.entries());
  if (value instanceof List) return chunks("RPUSH", key, value.range(0, value.size - 1));
  if (value instanceof MemberSet) return chunks("SADD", key, value.names());
  if (value instanceof SortedSet) return chunks("ZADD", key, scored(value));
  throw new TypeError("There is no way to write this value down.");
}

function scored(set: SortedSet): string[] {
  const scores: number[] = [];
  const members = set.range(0, set.size, scores);
  const items: string[] = [];
  for (let at = 0; at < members.length; at++) items.push(formatDouble(scores[at] as number), members[at] as string);
  return items;
}

function* chunks(name: string, key: string, items: readonly string[]): Generator<Rebuilding> {
  for (let at = 0; at < items.length; at += chunk) yield { command: [name, key, ...items.slice(at, at + chunk)] };
}
