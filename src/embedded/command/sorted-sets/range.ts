import { SortedSet } from "../../store/index.ts";
import { EMPTY, integerArgument, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext } from "../spec.ts";
import { lexBound, scoreBound } from "./bounds.ts";
import { limitRanks, memberRanks, type Ranks, scoreRanks } from "./ranks.ts";
import { withScores } from "./replies.ts";

const limitOfRanks = refuse("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
const scoresOfMembers = refuse("syntax error, WITHSCORES not supported in combination with BYLEX");

const byAny = 0;
const byRank = 1;
const byScore = 2;
const byLex = 3;

/** What is asked for; its ranks are filled in once the set is known. */
interface Query extends Ranks {
  by: number;
  withScores: boolean;
  minAt: number;
  maxAt: number;
}

/** ZRANGE key min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES] */
export function zrange(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byAny, undefined, true));
}

/** ZREVRANGE key start stop [WITHSCORES] */
export function zrevrange(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byRank, true, true));
}

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count] */
export function zrangebyscore(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byScore, false, true));
}

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count] */
export function zrevrangebyscore(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byScore, true, true));
}

/** ZRANGEBYLEX key min max [LIMIT offset count] */
export function zrangebylex(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byLex, false, true));
}

/** ZREVRANGEBYLEX key max min [LIMIT offset count] */
export function zrevrangebylex(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, readQuery(args, 1, byLex, true, true));
}

/** ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] */
export function zrangestore(context: CommandContext, args: readonly string[]): Reply {
  const query = readQuery(args, 2, byAny, undefined, false);
  const set = search(context, args, 2, query);
  // Redis knows beforehand how many a range of ranks has, and not of other ranges: it shows in what becomes of -0.
  const result = new SortedSet(query.by === byRank ? query.to - query.from : 0);
  if (set !== undefined) {
    const scores: number[] = [];
    const members = set.range(query.from, query.to, scores);
    for (let at = 0; at < members.length; at++) {
      const each = query.reverse ? members.length - 1 - at : at;
      result.add(members[each] as string, scores[each] as number);
    }
  }
  return storeResult(context, args[1] as string, result, "zrangestore");
}

/** Puts a result in the place of whatever the key held; no members, no key. @returns how many members it has */
export function storeResult(context: CommandContext, key: string, result: SortedSet, event: string, changes = 1): number {
  if (result.size === 0) {
    if (context.db.remove(key)) context.db.changed(key, "g", "del");
  } else {
    context.db.set(key, result);
    context.db.changed(key, "z", event, changes);
  }
  return result.size;
}

function answer(context: CommandContext, args: readonly string[], query: Query): Reply {
  const set = search(context, args, 1, query);
  if (set === undefined || query.from >= query.to) return EMPTY;
  if (!query.withScores) {
    const members = set.range(query.from, query.to);
    return query.reverse ? members.reverse() : members;
  }
  const scores: number[] = [];
  const members = set.range(query.from, query.to, scores);
  if (query.reverse) {
    members.reverse();
    scores.reverse();
  }
  return withScores(members, scores, context.resp === 3);
}

function readQuery(args: readonly string[], key: number, by: number, reverse: boolean | undefined, scores: boolean): Query {
  const query: Query = {
    by,
    reverse: reverse === true,
    withScores: false,
    offset: 0,
    limit: -1,
    minAt: key + 1,
    maxAt: key + 2,
    from: 0,
    to: 0,
  };
  for (let at = key + 3; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "withscores" && scores) {
      query.withScores = true;
    } else if (option === "limit" && at + 2 < args.length) {
      query.offset = integerArgument(args[at + 1]);
      query.limit = integerArgument(args[at + 2]);
      at += 2;
    } else if (option === "rev" && reverse === undefined && !query.reverse) {
      query.reverse = true;
    } else if (option === "bylex" && query.by === byAny) {
      query.by = byLex;
    } else if (option === "byscore" && query.by === byAny) {
      query.by = byScore;
    } else {
      throw refusals.syntax;
    }
  }
  if (query.by === byAny) query.by = byRank;
  if (query.limit !== -1 && query.by === byRank) throw limitOfRanks;
  if (query.withScores && query.by === byLex) throw scoresOfMembers;
  if (query.reverse && query.by !== byRank) {
    query.minAt = key + 2;
    query.maxAt = key + 1;
  }
  return query;
}

/** Finds the set and what is asked for in it. @throws {Refusal} for a bad bound, then for a key of another type */
function search(context: CommandContext, args: readonly string[], key: number, query: Query): SortedSet | undefined {
  const min = args[query.minAt] as string;
  const max = args[query.maxAt] as string;
  if (query.by === byScore) {
    const least = scoreBound(min);
    const greatest = scoreBound(max);
    const set = context.db.collection(args[key] as string, SortedSet);
    if (set !== undefined) {
      scoreRanks(query, set, least, min, greatest, max);
      limitRanks(query, set.size);
    }
    return set;
  }
  if (query.by === byRank) {
    const start = integerArgument(min);
    const stop = integerArgument(max);
    const set = context.db.collection(args[key] as string, SortedSet);
    if (set !== undefined) ofRanks(query, set.size, start, stop);
    return set;
  }
  const least = lexBound(min);
  const greatest = lexBound(max);
  const set = context.db.collection(args[key] as string, SortedSet);
  if (set !== undefined) memberRanks(query, set, least, greatest);
  return set;
}

function ofRanks(query: Query, size: number, start: number, stop: number): void {
  const first = Math.max(start < 0 ? start + size : start, 0);
  const last = Math.min(stop < 0 ? stop + size : stop, size - 1);
  query.from = query.reverse ? size - 1 - last : first;
  query.to = query.reverse ? size - first : last + 1;
}
