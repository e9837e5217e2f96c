import { SortedSet } from "../../store/index.ts";
import { Double, doubleArgument, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext } from "../spec.ts";

const exclusiveConditions = refuse("XX and NX options at the same time are not compatible");
const exclusiveComparisons = refuse("GT, LT, and/or NX options at the same time are not compatible");
const singleIncrement = refuse("INCR option supports a single increment-element pair");
const notANumber = refuse("resulting score is not a number (NaN)");

const onlyNew = 1;
const onlyPresent = 2;
const onlyGreater = 4;
const onlyLess = 8;
const increment = 16;
const countChanged = 32;

/** ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member …] */
export function zadd(context: CommandContext, args: readonly string[]): Reply {
  return add(context, args, 0);
}

/** ZINCRBY key increment member */
export function zincrby(context: CommandContext, args: readonly string[]): Reply {
  return add(context, args, increment);
}

function add(context: CommandContext, args: readonly string[], given: number): Reply {
  let flags = given;
  let at = 2;
  for (let flag = optionOf(args[at]); flag !== 0; flag = optionOf(args[++at])) flags |= flag;
  checkOptions(flags, args.length - at);
  const scores: number[] = [];
  for (let from = at; from < args.length; from += 2) scores.push(doubleArgument(args[from]));
  return addScores(context, args[1] as string, flags, scores, args, at + 1, 2);
}

/**
 * What ZADD and GEOADD share: gives scores to the members that stand in the arguments from `at` on, each `step` after the other.
 */
export function addScores(
  context: CommandContext,
  key: string,
  flags: number,
  scores: readonly number[],
  args: readonly string[],
  at: number,
  step: number,
): Reply {
  const { db } = context;
  let set = db.collection(key, SortedSet);
  if (set === undefined) {
    if ((flags & onlyPresent) !== 0) return (flags & increment) !== 0 ? null : 0;
    set = new SortedSet();
    fill(set, flags, scores, args, at, step);
    db.set(key, set);
  } else {
    fill(set, flags, scores, args, at, step);
  }
  const changes = filled.added + filled.updated;
  if (changes > 0) db.changed(key, "z", (flags & increment) !== 0 ? "zincr" : "zadd", changes);
  if ((flags & increment) !== 0) return filled.refused ? null : new Double(filled.score);
  return (flags & countChanged) !== 0 ? changes : filled.added;
}

// What the last fill did. One object for all: commands run one after the other.
const filled = { added: 0, updated: 0, refused: false, score: 0 };

function fill(set: SortedSet, flags: number, scores: readonly number[], args: readonly string[], at: number, step: number): void {
  let added = 0;
  let updated = 0;
  filled.refused = false;
  for (let each = 0; each < scores.length; each++) {
    const member = args[at + each * step] as string;
    let score = scores[each] as number;
    const current = set.score(member);
    if (current === undefined) {
      if ((flags & onlyPresent) !== 0) {
        filled.refused = true;
        continue;
      }
      set.add(member, score);
      added++;
    } else {
      if ((flags & onlyNew) !== 0) {
        filled.refused = true;
        continue;
      }
      if ((flags & increment) !== 0) score = sum(score, current);
      if (((flags & onlyGreater) !== 0 && score <= current) || ((flags & onlyLess) !== 0 && score >= current)) {
        filled.refused = true;
        continue;
      }
      if (score !== current) {
        set.move(member, current, score);
        updated++;
      }
    }
    filled.score = score;
  }
  filled.added = added;
  filled.updated = updated;
}

function sum(score: number, current: number): number {
  const total = score + current;
  if (Number.isNaN(total)) throw notANumber;
  return total;
}

function optionOf(arg: string | undefined): number {
  // A score begins with a digit, a sign or a point; only those that do not may be an option.
  if (arg === undefined || arg.charCodeAt(0) < 65) return 0;
  switch (arg.toLowerCase()) {
    case "nx":
      return onlyNew;
    case "xx":
      return onlyPresent;
    case "gt":
      return onlyGreater;
    case "lt":
      return onlyLess;
    case "ch":
      return countChanged;
    case "incr":
      return increment;
    default:
      return 0;
  }
}

function checkOptions(flags: number, left: number): void {
  if (left === 0 || left % 2 !== 0) throw refusals.syntax;
  if (flags === 0) return;
  const isNew = (flags & onlyNew) !== 0;
  const isGreater = (flags & onlyGreater) !== 0;
  const isLess = (flags & onlyLess) !== 0;
  if (isNew && (flags & onlyPresent) !== 0) throw exclusiveConditions;
  if ((isGreater && isNew) || (isLess && isNew) || (isGreater && isLess)) throw exclusiveComparisons;
  if ((flags & increment) !== 0 && left > 2) throw singleIncrement;
}

/** Options of GEOADD, which are some of ZADD's. @returns the flag, or 0 if it is none of them */
export function geoOption(arg: string | undefined): number {
  const flag = optionOf(arg);
  return (flag & (onlyNew | onlyPresent | countChanged)) !== 0 ? flag : 0;
}

/** True if both NX and XX are among the flags. */
export function contradicts(flags: number): boolean {
  return (flags & onlyNew) !== 0 && (flags & onlyPresent) !== 0;
}
