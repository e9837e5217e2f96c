import { type Database, List } from "../../store/index.ts";
import { EMPTY, NULL_ARRAY, type Reply, refusals, refuse } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import { Blocked, type CommandContext } from "../spec.ts";
import { timeoutArgument } from "../timeout.ts";
import { newList, popMany, popOne, type Side, sideArgument } from "./ends.ts";

const numKeysNotPositive = refuse("numkeys should be greater than 0");
const countNotPositive = refuse("count should be greater than 0");

export function lmove({ db }: CommandContext, args: readonly string[]): Reply {
  const from = sideArgument(args[3]);
  const to = sideArgument(args[4]);
  return move(db, args[1] as string, args[2] as string, from, to) ?? null;
}

export function rpoplpush({ db }: CommandContext, args: readonly string[]): Reply {
  return move(db, args[1] as string, args[2] as string, "right", "left") ?? null;
}

export function blmove({ db }: CommandContext, args: readonly string[]): Reply | Blocked {
  const from = sideArgument(args[3]);
  const to = sideArgument(args[4]);
  const timeoutMs = timeoutArgument(args[5]);
  return move(db, args[1] as string, args[2] as string, from, to) ?? waitToMove(args, timeoutMs);
}

export function brpoplpush({ db }: CommandContext, args: readonly string[]): Reply | Blocked {
  const timeoutMs = timeoutArgument(args[3]);
  return move(db, args[1] as string, args[2] as string, "right", "left") ?? waitToMove(args, timeoutMs);
}

export function blpop(context: CommandContext, args: readonly string[]): Reply | Blocked {
  return popFirst(context, args, "left");
}

export function brpop(context: CommandContext, args: readonly string[]): Reply | Blocked {
  return popFirst(context, args, "right");
}

export function lmpop({ db }: CommandContext, args: readonly string[]): Reply {
  const { keys, side, count } = popArguments(args, 1);
  return popFromFirst(db, keys, side, count) ?? NULL_ARRAY;
}

export function blmpop({ db }: CommandContext, args: readonly string[]): Reply | Blocked {
  const { keys, side, count } = popArguments(args, 2);
  const timeoutMs = timeoutArgument(args[1]);
  return popFromFirst(db, keys, side, count) ?? new Blocked(keys, timeoutMs, NULL_ARRAY);
}

/** Positions of the keys of LMPOP. */
export function lmpopKeys(args: readonly string[]): readonly number[] {
  return countedKeys(args, 1);
}

/** Positions of the keys of BLMPOP. */
export function blmpopKeys(args: readonly string[]): readonly number[] {
  return countedKeys(args, 2);
}

function move(db: Database, source: string, target: string, from: Side, to: Side): string | undefined {
  const list = db.collection(source, List);
  if (list === undefined) return undefined;
  const other = db.collection(target, List) ?? newList(db, target);
  const element = (from === "left" ? list.popLeft() : list.popRight()) as string;
  if (to === "left") other.pushLeft(element);
  else other.pushRight(element);
  db.changed(target, "l", to === "left" ? "lpush" : "rpush");
  db.changed(source, "l", from === "left" ? "lpop" : "rpop", 0);
  db.removeIfEmpty(source, list);
  return element;
}

/** A wait that is over answers a null array, but a transaction a null bulk string. */
function waitToMove(args: readonly string[], timeoutMs: number): Blocked {
  return new Blocked([args[1] as string], timeoutMs, NULL_ARRAY, undefined, null);
}

function popFirst({ db }: CommandContext, args: readonly string[], side: Side): Reply | Blocked {
  const last = args.length - 1;
  const timeoutMs = timeoutArgument(args[last]);
  for (let at = 1; at < last; at++) {
    const key = args[at] as string;
    const list = db.collection(key, List);
    if (list !== undefined) return [key, popOne(db, key, list, side)];
  }
  return new Blocked(args.slice(1, last), timeoutMs, NULL_ARRAY);
}

function popFromFirst(db: Database, keys: readonly string[], side: Side, count: number): Reply | undefined {
  for (const key of keys) {
    const list = db.collection(key, List);
    if (list !== undefined) return [key, popMany(db, key, list, side, count)];
  }
  return undefined;
}

/** `numkeys key … LEFT|RIGHT [COUNT count]`, from a position on. */
function popArguments(args: readonly string[], from: number): { keys: readonly string[]; side: Side; count: number } {
  const amount = positiveArgument(args[from], numKeysNotPositive, 1);
  const where = from + 1 + amount;
  const side = sideArgument(args[where]);
  let count: number | undefined;
  for (let at = where + 1; at < args.length; at += 2) {
    if (count !== undefined || (args[at] as string).toLowerCase() !== "count" || at + 1 === args.length) throw refusals.syntax;
    count = positiveArgument(args[at + 1], countNotPositive, 1);
  }
  return { keys: args.slice(from + 1, where), side, count: count ?? 1 };
}

function countedKeys(args: readonly string[], from: number): readonly number[] {
  const amount = Number(args[from]);
  if (!(amount >= 1 && from + amount < args.length)) return EMPTY as readonly never[];
  return Array.from({ length: amount }, (_, at) => from + 1 + at);
}
