import { type Database, List } from "../../store/index.ts";
import { EMPTY, NULL_ARRAY, type Reply, refusals, wrongArity } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";

/** An end of a list. */
export type Side = "left" | "right";

export function lpush({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  return push(db, key, db.collection(key, List) ?? newList(db, key), "left", args, 2);
}

export function rpush({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  return push(db, key, db.collection(key, List) ?? newList(db, key), "right", args, 2);
}

export function lpushx({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const list = db.collection(key, List);
  return list === undefined ? 0 : push(db, key, list, "left", args, 2);
}

export function rpushx({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const list = db.collection(key, List);
  return list === undefined ? 0 : push(db, key, list, "right", args, 2);
}

export function lpop({ db }: CommandContext, args: readonly string[]): Reply {
  return pop(db, args, "left");
}

export function rpop({ db }: CommandContext, args: readonly string[]): Reply {
  return pop(db, args, "right");
}

/** Stores an empty list; to be filled before anything else looks. */
export function newList(db: Database, key: string): List {
  const list = new List();
  db.set(key, list);
  return list;
}

/** An end as LMOVE and LMPOP name it. @throws {Refusal} a syntax error */
export function sideArgument(text: string | undefined): Side {
  const side = text?.toLowerCase();
  if (side !== "left" && side !== "right") throw refusals.syntax;
  return side;
}

/** Takes one element off a list that has some. */
export function popOne(db: Database, key: string, list: List, side: Side): string {
  const element = (side === "left" ? list.popLeft() : list.popRight()) as string;
  db.changed(key, "l", side === "left" ? "lpop" : "rpop");
  db.removeIfEmpty(key, list);
  return element;
}

/** Takes up to `count` elements off a list, the outermost first. */
export function popMany(db: Database, key: string, list: List, side: Side, count: number): string[] {
  const elements: string[] = [];
  const amount = Math.min(count, list.size);
  for (let left = amount; left > 0; left--) elements.push((side === "left" ? list.popLeft() : list.popRight()) as string);
  db.changed(key, "l", side === "left" ? "lpop" : "rpop", amount);
  db.removeIfEmpty(key, list);
  return elements;
}

function push(db: Database, key: string, list: List, side: Side, args: readonly string[], from: number): number {
  if (side === "left") for (let at = from; at < args.length; at++) list.pushLeft(args[at] as string);
  else for (let at = from; at < args.length; at++) list.pushRight(args[at] as string);
  const { size } = list;
  db.changed(key, "l", side === "left" ? "lpush" : "rpush", args.length - from);
  return size;
}

function pop(db: Database, args: readonly string[], side: Side): Reply {
  const key = args[1] as string;
  if (args.length > 3) throw wrongArity(side === "left" ? "lpop" : "rpop");
  const count = args.length === 3 ? positiveArgument(args[2]) : undefined;
  const list = db.collection(key, List);
  if (count === undefined) return list === undefined ? null : popOne(db, key, list, side);
  if (list === undefined) return NULL_ARRAY;
  return count === 0 ? EMPTY : popMany(db, key, list, side, count);
}
