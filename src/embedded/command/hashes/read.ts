import { type Database, Hash } from "../../store/index.ts";
import { EMPTY, MapReply, type Reply } from "../../value/index.ts";
import { cursorArgument, matching, scanOptions } from "../scan-options.ts";
import type { CommandContext } from "../spec.ts";

const emptyMap = new MapReply(EMPTY);
const emptyScan: readonly Reply[] = ["0", EMPTY];

export function hget({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.get(args[2] as string) ?? null;
}

export function hmget({ db }: CommandContext, args: readonly string[]): Reply {
  const hash = hashAt(db, args);
  const values: Reply[] = [];
  for (let at = 2; at < args.length; at++) values.push(hash?.get(args[at] as string) ?? null);
  return values;
}

export function hgetall({ db }: CommandContext, args: readonly string[]): Reply {
  const hash = hashAt(db, args);
  return hash === undefined ? emptyMap : new MapReply(hash.entries());
}

export function hkeys({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.names() ?? EMPTY;
}

export function hvals({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.values() ?? EMPTY;
}

export function hlen({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.size ?? 0;
}

export function hstrlen({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.get(args[2] as string)?.length ?? 0;
}

export function hexists({ db }: CommandContext, args: readonly string[]): Reply {
  return hashAt(db, args)?.has(args[2] as string) === true ? 1 : 0;
}

export function hscan({ db }: CommandContext, args: readonly string[]): Reply {
  const cursor = cursorArgument(args[2] as string);
  const hash = hashAt(db, args);
  if (hash === undefined) return emptyScan;
  const { count, pattern } = scanOptions(args, 3);
  const visited: string[] = [];
  const next = hash.scan(cursor, count, visited);
  const entries: string[] = [];
  for (const field of matching(visited, pattern)) entries.push(field, hash.get(field) as string);
  return [String(next), entries];
}

function hashAt(db: Database, args: readonly string[]): Hash | undefined {
  return db.collection(args[1] as string, Hash);
}
