import { type Database, MemberSet } from "../../store/index.ts";
import { type Reply, refusals, refuse, SetReply } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";

const numKeysNotPositive = refuse("numkeys should be greater than 0");
const tooManyKeys = refuse("Number of keys can't be greater than number of args");
const negativeLimit = refuse("LIMIT can't be negative");

type Sets = readonly (MemberSet | undefined)[];

export function sinter({ db }: CommandContext, args: readonly string[]): Reply {
  return new SetReply(intersection(setsAt(db, args, 1, args.length)));
}

export function sunion({ db }: CommandContext, args: readonly string[]): Reply {
  return new SetReply(union(setsAt(db, args, 1, args.length)).names());
}

export function sdiff({ db }: CommandContext, args: readonly string[]): Reply {
  return new SetReply(difference(setsAt(db, args, 1, args.length)).names());
}

export function sinterstore({ db }: CommandContext, args: readonly string[]): Reply {
  const result = new MemberSet();
  for (const member of intersection(setsAt(db, args, 2, args.length))) result.add(member);
  return store(db, args[1] as string, result, "sinterstore");
}

export function sunionstore({ db }: CommandContext, args: readonly string[]): Reply {
  return store(db, args[1] as string, union(setsAt(db, args, 2, args.length)), "sunionstore");
}

export function sdiffstore({ db }: CommandContext, args: readonly string[]): Reply {
  return store(db, args[1] as string, difference(setsAt(db, args, 2, args.length)), "sdiffstore");
}

export function sintercard({ db }: CommandContext, args: readonly string[]): Reply {
  const amount = positiveArgument(args[1], numKeysNotPositive, 1);
  if (amount > args.length - 2) throw tooManyKeys;
  let limit = 0;
  for (let at = 2 + amount; at < args.length; at += 2) {
    if ((args[at] as string).toLowerCase() !== "limit" || at + 1 === args.length) throw refusals.syntax;
    limit = positiveArgument(args[at + 1], negativeLimit);
  }
  const sets = setsAt(db, args, 2, 2 + amount);
  return intersection(sets, limit === 0 ? Number.POSITIVE_INFINITY : limit).length;
}

/** Positions of the keys of SINTERCARD. */
export function sintercardKeys(args: readonly string[]): readonly number[] {
  const amount = Number(args[1]);
  if (!(amount >= 1 && amount <= args.length - 2)) return [];
  return Array.from({ length: amount }, (_, at) => 2 + at);
}

function setsAt(db: Database, args: readonly string[], from: number, to: number): Sets {
  const sets: (MemberSet | undefined)[] = [];
  for (let at = from; at < to; at++) sets.push(db.collection(args[at] as string, MemberSet));
  return sets;
}

/** Members that all sets have, up to `limit`, in the order of the smallest set. */
function intersection(sets: Sets, limit = Number.POSITIVE_INFINITY): string[] {
  let smallest = sets[0];
  for (const set of sets) {
    if (set === undefined || smallest === undefined) return [];
    if (set.size < smallest.size) smallest = set;
  }
  const found: string[] = [];
  for (const member of (smallest as MemberSet).names()) {
    if (found.length >= limit) break;
    if (allHave(sets, member)) found.push(member);
  }
  return found;
}

function allHave(sets: Sets, member: string): boolean {
  for (const set of sets) if (set?.has(member) !== true) return false;
  return true;
}

function union(sets: Sets): MemberSet {
  const result = new MemberSet();
  for (const set of sets) if (set !== undefined) for (const member of set.names()) result.add(member);
  return result;
}

/** Members of the first set that no other has. */
function difference([first, ...others]: Sets): MemberSet {
  const result = new MemberSet();
  if (first === undefined || others.includes(first)) return result;
  for (const member of first.names()) if (!others.some((other) => other?.has(member))) result.add(member);
  return result;
}

/** Puts a result where a key was, whatever that held; nothing instead of an empty one. */
function store(db: Database, key: string, result: MemberSet, event: string): number {
  if (result.size > 0) {
    db.set(key, result);
    db.changed(key, "s", event);
  } else if (db.remove(key)) {
    db.changed(key, "g", "del");
  }
  return result.size;
}
