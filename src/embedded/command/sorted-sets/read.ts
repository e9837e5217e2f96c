import { draw, drawWithRepeats, SortedSet } from "../../store/index.ts";
import { Double, EMPTY, formatDouble, type Reply, refusals } from "../../value/index.ts";
import { checkDraws, pairCountArgument, signedCountArgument } from "../count-argument.ts";
import { cursorArgument, matching, scanOptions } from "../scan-options.ts";
import type { CommandContext } from "../spec.ts";
import { lexBound, scoreBound } from "./bounds.ts";
import { allRanks, memberRanks, scoreRanks } from "./ranks.ts";
import { withScores } from "./replies.ts";

/** ZCARD key */
export function zcard({ db }: CommandContext, args: readonly string[]): Reply {
  return db.collection(args[1] as string, SortedSet)?.size ?? 0;
}

/** ZSCORE key member */
export function zscore({ db }: CommandContext, args: readonly string[]): Reply {
  return scoreReply(db.collection(args[1] as string, SortedSet), args[2] as string);
}

/** ZMSCORE key member [member …] */
export function zmscore({ db }: CommandContext, args: readonly string[]): Reply {
  const set = db.collection(args[1] as string, SortedSet);
  const reply: Reply[] = [];
  for (let at = 2; at < args.length; at++) reply.push(scoreReply(set, args[at] as string));
  return reply;
}

function scoreReply(set: SortedSet | undefined, member: string): Reply {
  const score = set?.score(member);
  return score === undefined ? null : new Double(score);
}

/** ZRANK key member */
export function zrank({ db }: CommandContext, args: readonly string[]): Reply {
  const set = db.collection(args[1] as string, SortedSet);
  return set === undefined ? null : (rankOf(set, args[2] as string) ?? null);
}

/** ZREVRANK key member */
export function zrevrank({ db }: CommandContext, args: readonly string[]): Reply {
  const set = db.collection(args[1] as string, SortedSet);
  const rank = set === undefined ? undefined : rankOf(set, args[2] as string);
  return set === undefined || rank === undefined ? null : set.size - 1 - rank;
}

function rankOf(set: SortedSet, member: string): number | undefined {
  const score = set.score(member);
  return score === undefined ? undefined : set.rank(member, score);
}

/** ZCOUNT key min max */
export function zcount({ db }: CommandContext, args: readonly string[]): Reply {
  const [, key, min, max] = args as [string, string, string, string];
  const least = scoreBound(min);
  const greatest = scoreBound(max);
  const set = db.collection(key, SortedSet);
  if (set === undefined) return 0;
  const ranks = allRanks();
  scoreRanks(ranks, set, least, min, greatest, max);
  return Math.max(ranks.to - ranks.from, 0);
}

/** ZLEXCOUNT key min max */
export function zlexcount({ db }: CommandContext, args: readonly string[]): Reply {
  const [, key, min, max] = args as [string, string, string, string];
  const least = lexBound(min);
  const greatest = lexBound(max);
  const set = db.collection(key, SortedSet);
  if (set === undefined) return 0;
  const ranks = allRanks();
  memberRanks(ranks, set, least, greatest);
  return Math.max(ranks.to - ranks.from, 0);
}

/** ZRANDMEMBER key [count [WITHSCORES]] */
export function zrandmember(context: CommandContext, args: readonly string[]): Reply {
  const { db } = context;
  const key = args[1] as string;
  if (args.length === 2) return db.collection(key, SortedSet)?.random() ?? null;
  const plain = signedCountArgument(args[2]);
  if (args.length > 4 || (args.length === 4 && (args[3] as string).toLowerCase() !== "withscores")) throw refusals.syntax;
  const count = args.length === 4 ? pairCountArgument(args[2]) : plain;
  const set = db.collection(key, SortedSet);
  if (set === undefined || count === 0) return EMPTY;
  if (count < 0) checkDraws(-count);
  const members = count < 0 ? drawWithRepeats(set, -count) : draw(set, count);
  if (args.length === 3) return members;
  const scores: number[] = [];
  for (const member of members) scores.push(set.score(member) as number);
  return withScores(members, scores, context.resp === 3);
}

/** ZSCAN key cursor [MATCH pattern] [COUNT count] */
export function zscan({ db }: CommandContext, args: readonly string[]): Reply {
  const cursor = cursorArgument(args[2] as string);
  const set = db.collection(args[1] as string, SortedSet);
  if (set === undefined) return ["0", EMPTY];
  const { count, pattern } = scanOptions(args, 3);
  const found: string[] = [];
  const next = set.scan(cursor, count, found);
  const reply: Reply[] = [];
  for (const member of matching(found, pattern)) reply.push(member, formatDouble(set.score(member) as number));
  return [String(next), reply];
}
