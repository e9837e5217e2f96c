import { type Database, List } from "../../store/index.ts";
import { EMPTY, integerArgument, OK, type Reply, refusals, refuse } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";

const rankZero = refuse(
  "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const negativeCount = refuse("COUNT can't be negative");
const negativeMaxLen = refuse("MAXLEN can't be negative");

export function llen({ db }: CommandContext, args: readonly string[]): Reply {
  return listAt(db, args)?.size ?? 0;
}

export function lindex({ db }: CommandContext, args: readonly string[]): Reply {
  const list = listAt(db, args);
  if (list === undefined) return null;
  const index = inside(list, integerArgument(args[2]));
  return index === undefined ? null : list.at(index);
}

export function lrange({ db }: CommandContext, args: readonly string[]): Reply {
  const start = integerArgument(args[2]);
  const stop = integerArgument(args[3]);
  const list = listAt(db, args);
  if (list === undefined) return EMPTY;
  const { size } = list;
  const from = Math.max(start < 0 ? size + start : start, 0);
  const to = Math.min(stop < 0 ? size + stop : stop, size - 1);
  return from > to ? EMPTY : list.range(from, to);
}

export function lset({ db }: CommandContext, args: readonly string[]): Reply {
  const list = listAt(db, args);
  if (list === undefined) throw refusals.noSuchKey;
  const index = inside(list, integerArgument(args[2]));
  if (index === undefined) throw refusals.outOfRange;
  list.set(index, args[3] as string);
  db.changed(args[1] as string, "l", "lset");
  return OK;
}

export function linsert({ db }: CommandContext, args: readonly string[]): Reply {
  const where = (args[2] as string).toLowerCase();
  if (where !== "before" && where !== "after") throw refusals.syntax;
  const list = listAt(db, args);
  if (list === undefined) return 0;
  const pivot = list.indexOf(args[3] as string);
  if (pivot === -1) return -1;
  list.insert(where === "before" ? pivot : pivot + 1, args[4] as string);
  db.changed(args[1] as string, "l", "linsert");
  return list.size;
}

export function lrem({ db }: CommandContext, args: readonly string[]): Reply {
  const count = integerArgument(args[2]);
  const key = args[1] as string;
  const list = db.collection(key, List);
  if (list === undefined) return 0;
  const limit = count === 0 ? list.size : Math.abs(count);
  const removed = list.removeEqual(args[3] as string, limit, count < 0);
  if (removed > 0) {
    db.changed(key, "l", "lrem", removed);
    db.removeIfEmpty(key, list);
  }
  return removed;
}

export function ltrim({ db }: CommandContext, args: readonly string[]): Reply {
  const start = integerArgument(args[2]);
  const stop = integerArgument(args[3]);
  const key = args[1] as string;
  const list = db.collection(key, List);
  if (list === undefined) return OK;
  const { size } = list;
  const from = Math.max(start < 0 ? size + start : start, 0);
  const to = Math.min(stop < 0 ? size + stop : stop, size - 1);
  if (from > to) list.keep(size, size - 1);
  else list.keep(from, to);
  // Told even if nothing was cut off, as Redis does: a WATCH on the key fails.
  db.changed(key, "l", "ltrim", size - list.size);
  db.removeIfEmpty(key, list);
  return OK;
}

export function lpos({ db }: CommandContext, args: readonly string[]): Reply {
  let rank = 1;
  let count: number | undefined;
  let visits = 0;
  for (let at = 3; at < args.length; at += 2) {
    const option = (args[at] as string).toLowerCase();
    const value = args[at + 1];
    if (value === undefined) throw refusals.syntax;
    if (option === "rank") {
      rank = integerArgument(value);
      if (rank === 0) throw rankZero;
    } else if (option === "count") {
      count = positiveArgument(value, negativeCount);
    } else if (option === "maxlen") {
      visits = positiveArgument(value, negativeMaxLen);
    } else {
      throw refusals.syntax;
    }
  }
  const list = listAt(db, args);
  const limit = count === undefined ? 1 : count === 0 ? Number.POSITIVE_INFINITY : count;
  const found = list === undefined ? [] : positions(list, args[2] as string, rank, limit, visits === 0 ? list.size : visits);
  return count === undefined ? (found[0] ?? null) : found;
}

/** Where an element is, from the match of this rank on; a negative rank counts from the end. */
function positions(list: List, element: string, rank: number, limit: number, visits: number): number[] {
  const found: number[] = [];
  const { size } = list;
  let skip = Math.abs(rank) - 1;
  for (let step = 0; step < size && step < visits && found.length < limit; step++) {
    const index = rank < 0 ? size - 1 - step : step;
    if (list.at(index) !== element) continue;
    if (skip > 0) skip--;
    else found.push(index);
  }
  return found;
}

/** The index from the front, if it is one of the list's. */
function inside(list: List, index: number): number | undefined {
  const at = index < 0 ? list.size + index : index;
  return at >= 0 && at < list.size ? at : undefined;
}

function listAt(db: Database, args: readonly string[]): List | undefined {
  return db.collection(args[1] as string, List);
}
