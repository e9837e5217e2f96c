import { type Database, MemberSet } from "../../store/index.ts";
import { EMPTY, type Reply, SetReply } from "../../value/index.ts";
import { cursorArgument, matching, scanOptions } from "../scan-options.ts";
import type { CommandContext } from "../spec.ts";

const emptySet = new SetReply(EMPTY);
const emptyScan: readonly Reply[] = ["0", EMPTY];

export function sadd({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const set = db.collection(key, MemberSet) ?? newSet(db, key);
  let added = 0;
  for (let at = 2; at < args.length; at++) if (set.add(args[at] as string)) added++;
  if (added > 0) db.changed(key, "s", "sadd", added);
  return added;
}

export function srem({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const set = db.collection(key, MemberSet);
  if (set === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < args.length; at++) if (set.delete(args[at] as string)) removed++;
  if (removed > 0) {
    db.changed(key, "s", "srem", removed);
    db.removeIfEmpty(key, set);
  }
  return removed;
}

export function smove({ db }: CommandContext, args: readonly string[]): Reply {
  const [, source, target, member] = args as readonly [string, string, string, string];
  const from = db.collection(source, MemberSet);
  if (from === undefined) return 0;
  const to = db.collection(target, MemberSet);
  if (from === to) return from.has(member) ? 1 : 0;
  if (!from.delete(member)) return 0;
  db.changed(source, "s", "srem");
  db.removeIfEmpty(source, from);
  if ((to ?? newSet(db, target)).add(member)) db.changed(target, "s", "sadd");
  return 1;
}

export function scard({ db }: CommandContext, args: readonly string[]): Reply {
  return setAt(db, args)?.size ?? 0;
}

export function sismember({ db }: CommandContext, args: readonly string[]): Reply {
  return setAt(db, args)?.has(args[2] as string) === true ? 1 : 0;
}

export function smismember({ db }: CommandContext, args: readonly string[]): Reply {
  const set = setAt(db, args);
  const found: number[] = [];
  for (let at = 2; at < args.length; at++) found.push(set?.has(args[at] as string) === true ? 1 : 0);
  return found;
}

export function smembers({ db }: CommandContext, args: readonly string[]): Reply {
  const set = setAt(db, args);
  return set === undefined ? emptySet : new SetReply(set.names());
}

export function sscan({ db }: CommandContext, args: readonly string[]): Reply {
  const cursor = cursorArgument(args[2] as string);
  const set = setAt(db, args);
  if (set === undefined) return emptyScan;
  const { count, pattern } = scanOptions(args, 3);
  const visited: string[] = [];
  const next = set.scan(cursor, count, visited);
  return [String(next), matching(visited, pattern)];
}

/** Stores an empty set; to be filled before anything else looks. */
function newSet(db: Database, key: string): MemberSet {
  const set = new MemberSet();
  db.set(key, set);
  return set;
}

function setAt(db: Database, args: readonly string[]): MemberSet | undefined {
  return db.collection(args[1] as string, MemberSet);
}
