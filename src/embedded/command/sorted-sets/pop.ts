import { SortedSet } from "../../store/index.ts";
import { EMPTY, NULL_ARRAY, type Reply, refusals, refuse } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import { Blocked, type CommandContext } from "../spec.ts";
import { timeoutArgument } from "../timeout.ts";
import { withScores } from "./replies.ts";

const noKeys = refuse("numkeys should be greater than 0");
const noCount = refuse("count should be greater than 0");

/** ZPOPMIN key [count] */
export function zpopmin(context: CommandContext, args: readonly string[]): Reply {
  return pop(context, args, false);
}

/** ZPOPMAX key [count] */
export function zpopmax(context: CommandContext, args: readonly string[]): Reply {
  return pop(context, args, true);
}

/** BZPOPMIN key [key …] timeout */
export function bzpopmin(context: CommandContext, args: readonly string[]): Reply | Blocked {
  return popOrBlock(context, args, false);
}

/** BZPOPMAX key [key …] timeout */
export function bzpopmax(context: CommandContext, args: readonly string[]): Reply | Blocked {
  return popOrBlock(context, args, true);
}

/** ZMPOP numkeys key [key …] MIN | MAX [COUNT count] */
export function zmpop(context: CommandContext, args: readonly string[]): Reply {
  const { keys, greatest, count } = readMany(args, 1);
  return popFirst(context, keys, greatest, count) ?? NULL_ARRAY;
}

/** BZMPOP timeout numkeys key [key …] MIN | MAX [COUNT count] */
export function bzmpop(context: CommandContext, args: readonly string[]): Reply | Blocked {
  const { keys, greatest, count } = readMany(args, 2);
  const timeoutMs = timeoutArgument(args[1]);
  return popFirst(context, keys, greatest, count) ?? new Blocked(keys, timeoutMs, NULL_ARRAY);
}

function pop(context: CommandContext, args: readonly string[], greatest: boolean): Reply {
  if (args.length > 3) throw refusals.syntax;
  const count = args.length === 3 ? positiveArgument(args[2]) : 1;
  const key = args[1] as string;
  const set = context.db.collection(key, SortedSet);
  if (set === undefined || count === 0) return EMPTY;
  const scores: number[] = [];
  const members = take(context, key, set, greatest, count, scores);
  return withScores(members, scores, args.length === 3 && context.resp === 3);
}

function popOrBlock(context: CommandContext, args: readonly string[], greatest: boolean): Reply | Blocked {
  const timeoutMs = timeoutArgument(args[args.length - 1]);
  const keys = args.slice(1, -1);
  for (const key of keys) {
    const set = setAt(context, key);
    if (set === undefined) continue;
    const scores: number[] = [];
    const members = take(context, key, set, greatest, 1, scores);
    return [key, ...withScores(members, scores, false)];
  }
  return new Blocked(keys, timeoutMs, NULL_ARRAY);
}

function popFirst(context: CommandContext, keys: readonly string[], greatest: boolean, count: number): Reply | undefined {
  for (const key of keys) {
    const set = setAt(context, key);
    if (set === undefined) continue;
    const scores: number[] = [];
    const members = take(context, key, set, greatest, count, scores);
    return [key, withScores(members, scores, true)];
  }
  return undefined;
}

function setAt(context: CommandContext, key: string): SortedSet | undefined {
  if (context.resumed !== true) return context.db.collection(key, SortedSet);
  const value = context.db.get(key);
  return value instanceof SortedSet ? value : undefined;
}

/** Removes members from one end, and tells so. @returns them; their scores are appended to the array given */
function take(
  { db }: CommandContext,
  key: string,
  set: SortedSet,
  greatest: boolean,
  count: number,
  scores: number[],
): readonly string[] {
  const { size } = set;
  const members = greatest
    ? set.removeRange(Math.max(size - count, 0), size, scores)
    : set.removeRange(0, Math.min(count, size), scores);
  if (greatest) {
    members.reverse();
    scores.reverse();
  }
  db.changed(key, "z", greatest ? "zpopmax" : "zpopmin", members.length);
  db.removeIfEmpty(key, set);
  return members;
}

interface Many {
  readonly keys: readonly string[];
  readonly greatest: boolean;
  readonly count: number;
}

function readMany(args: readonly string[], at: number): Many {
  const keyCount = positiveArgument(args[at], noKeys, 1);
  const whereAt = at + keyCount + 1;
  const where = args[whereAt]?.toLowerCase();
  if (where !== "min" && where !== "max") throw refusals.syntax;
  let count = -1;
  for (let option = whereAt + 1; option < args.length; option += 2) {
    if (count !== -1 || (args[option] as string).toLowerCase() !== "count" || option + 1 === args.length) throw refusals.syntax;
    count = positiveArgument(args[option + 1], noCount, 1);
  }
  return { keys: args.slice(at + 1, whereAt), greatest: where === "max", count: count === -1 ? 1 : count };
}
