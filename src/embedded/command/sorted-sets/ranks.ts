import type { SortedSet } from "../../store/index.ts";
import { isExclusive, isFrom, isUpTo, type LexBound } from "./bounds.ts";

/** A range of ranks, `from` until `to` in rising order, and what narrows it down. */
export interface Ranks {
  from: number;
  to: number;
  reverse: boolean;
  /** How many to skip, and how many to take then; less than 0 takes all. */
  offset: number;
  limit: number;
}

/** All ranks, to be narrowed down. */
export function allRanks(): Ranks {
  return { from: 0, to: 0, reverse: false, offset: 0, limit: -1 };
}

/** The ranks between two scores; the bounds say whether the scores themselves are left out. */
export function scoreRanks(ranks: Ranks, set: SortedSet, min: number, minBound: string, max: number, maxBound: string): void {
  ranks.from = set.rankOfScore(min, isExclusive(minBound));
  ranks.to = set.rankOfScore(max, !isExclusive(maxBound));
}

/** Applies offset and limit to ranks. */
export function limitRanks(ranks: Ranks, size: number): void {
  const { from, to, offset, limit } = ranks;
  // Redis steps over members until a negative offset is used up, which is never.
  if (offset < 0 || offset >= size || from >= to) {
    ranks.from = 0;
    ranks.to = 0;
  } else if (ranks.reverse) {
    ranks.to = to - offset;
    if (limit >= 0) ranks.from = Math.max(from, ranks.to - limit);
  } else {
    ranks.from = from + offset;
    if (limit >= 0) ranks.to = Math.min(to, ranks.from + limit);
  }
}

/** The ranks between two members, offset and limit applied. */
export function memberRanks(ranks: Ranks, set: SortedSet, min: LexBound, max: LexBound): void {
  if (!isInOrder(set)) {
    walk(ranks, set, min, max);
    return;
  }
  ranks.from = rankOf(set, min, min.exclusive);
  ranks.to = rankOf(set, max, !max.exclusive);
  limitRanks(ranks, set.size);
}

function rankOf(set: SortedSet, bound: LexBound, inclusive: boolean): number {
  if (bound.side !== 0) return bound.side < 0 ? 0 : set.size;
  return set.rankOfMember(bound.text, inclusive);
}

/** True if members are in the order of their bytes: all have the same score. Only then is a range of members defined. */
function isInOrder(set: SortedSet): boolean {
  // What Redis answers otherwise follows from how it walks; in a skip list that depends on its coins.
  if (set.encoding !== "listpack") return true;
  const scores: number[] = [];
  set.range(0, 1, scores);
  return set.rankOfScore(scores[0] as number, true) === set.size;
}

/** A range of members in a listpack of different scores, as Redis walks through it. */
function walk(ranks: Ranks, set: SortedSet, min: LexBound, max: LexBound): void {
  const members = set.range(0, set.size);
  const { offset } = ranks;
  let left = ranks.limit;
  ranks.from = 0;
  ranks.to = 0;
  const isEmpty = !isUpTo(members[0] as string, max) || !isFrom(members[members.length - 1] as string, min);
  if (isEmpty || offset < 0 || offset >= members.length) return;
  if (ranks.reverse) {
    let last = members.length - 1;
    while (last >= 0 && !isUpTo(members[last] as string, max)) last--;
    if (last < 0 || !isFrom(members[last] as string, min)) return;
    let first = last + 1 - offset;
    ranks.to = first;
    while (first > 0 && isFrom(members[first - 1] as string, min) && left-- !== 0) first--;
    ranks.from = first;
  } else {
    let first = 0;
    while (first < members.length && !isFrom(members[first] as string, min)) first++;
    if (first === members.length || !isUpTo(members[first] as string, max)) return;
    let after = first + offset;
    ranks.from = after;
    while (after < members.length && isUpTo(members[after] as string, max) && left-- !== 0) after++;
    ranks.to = after;
  }
}
