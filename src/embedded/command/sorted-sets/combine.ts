import { MemberSet, SortedSet } from "../../store/index.ts";
import { doubleArgument, EMPTY, integerArgument, type Reply, refusals, refuse } from "../../value/index.ts";
import { positiveArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";
import { storeResult } from "./range.ts";
import { withScores } from "./replies.ts";

const notWeight = refuse("weight value is not a float");
const negativeLimit = refuse("LIMIT can't be negative");

type Operation = "union" | "inter" | "diff";
type Aggregate = "sum" | "min" | "max";

/** A sorted set, or a set whose members all count 1; `undefined` is an empty one. */
interface Source {
  readonly set: SortedSet | MemberSet | undefined;
  readonly size: number;
  weight: number;
}

/** What is asked for. */
interface Query {
  readonly sources: Source[];
  aggregate: Aggregate;
  withScores: boolean;
  limit: number;
}

/** Which options a command of the family takes. */
interface Options {
  readonly weights: boolean;
  readonly scores: boolean;
  readonly limit: boolean;
}

/** ZUNION numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES] */
export function zunion(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, "union");
}

/** ZINTER numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES] */
export function zinter(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, "inter");
}

/** ZDIFF numkeys key [key …] [WITHSCORES] */
export function zdiff(context: CommandContext, args: readonly string[]): Reply {
  return answer(context, args, "diff");
}

/** ZUNIONSTORE destination numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE SUM | MIN | MAX] */
export function zunionstore(context: CommandContext, args: readonly string[]): Reply {
  return store(context, args, "union");
}

/** ZINTERSTORE destination numkeys key [key …] [WEIGHTS weight [weight …]] [AGGREGATE SUM | MIN | MAX] */
export function zinterstore(context: CommandContext, args: readonly string[]): Reply {
  return store(context, args, "inter");
}

/** ZDIFFSTORE destination numkeys key [key …] */
export function zdiffstore(context: CommandContext, args: readonly string[]): Reply {
  return store(context, args, "diff");
}

/** ZINTERCARD numkeys key [key …] [LIMIT limit] */
export function zintercard(context: CommandContext, args: readonly string[]): Reply {
  const query = readQuery(context, args, 1, "zintercard", { weights: false, scores: false, limit: true });
  return intersection(query, query.limit).size;
}

function answer(context: CommandContext, args: readonly string[], operation: Operation): Reply {
  const query = readQuery(context, args, 1, `z${operation}`, { weights: operation !== "diff", scores: true, limit: false });
  const result = SortedSet.of(combined(query, operation), true);
  if (result.size === 0) return EMPTY;
  if (!query.withScores) return result.range(0, result.size);
  const scores: number[] = [];
  return withScores(result.range(0, result.size, scores), scores, context.resp === 3);
}

function store(context: CommandContext, args: readonly string[], operation: Operation): Reply {
  const name = `z${operation}store`;
  const query = readQuery(context, args, 2, name, { weights: operation !== "diff", scores: false, limit: false });
  return storeResult(context, args[1] as string, SortedSet.of(combined(query, operation)), name);
}

function readQuery(context: CommandContext, args: readonly string[], countAt: number, name: string, options: Options): Query {
  const keys = integerArgument(args[countAt]);
  if (keys < 1) throw refuse(`at least 1 input key is needed for '${name}' command`);
  if (keys > args.length - countAt - 1) throw refusals.syntax;
  const sources: Source[] = [];
  for (let at = countAt + 1; at <= countAt + keys; at++) sources.push(sourceAt(context, args[at] as string));
  const query: Query = { sources, aggregate: "sum", withScores: false, limit: 0 };
  let at = countAt + keys + 1;
  while (at < args.length) {
    const option = (args[at] as string).toLowerCase();
    if (option === "weights" && options.weights && at + keys < args.length) {
      for (const [index, source] of sources.entries()) source.weight = doubleArgument(args[at + 1 + index], notWeight);
      at += keys + 1;
    } else if (option === "aggregate" && options.weights && at + 1 < args.length) {
      query.aggregate = aggregateArgument(args[at + 1] as string);
      at += 2;
    } else if (option === "withscores" && options.scores) {
      query.withScores = true;
      at += 1;
    } else if (option === "limit" && options.limit && at + 1 < args.length) {
      query.limit = positiveArgument(args[at + 1], negativeLimit);
      at += 2;
    } else {
      throw refusals.syntax;
    }
  }
  return query;
}

function aggregateArgument(text: string): Aggregate {
  const name = text.toLowerCase();
  if (name !== "sum" && name !== "min" && name !== "max") throw refusals.syntax;
  return name;
}

function sourceAt({ db }: CommandContext, key: string): Source {
  const set = db.get(key);
  if (set === undefined) return { set, size: 0, weight: 1 };
  if (!(set instanceof SortedSet) && !(set instanceof MemberSet)) throw refusals.wrongType;
  return { set, size: set.size, weight: 1 };
}

function combined(query: Query, operation: Operation): Map<string, number> {
  if (operation === "union") return union(query);
  return operation === "inter" ? intersection(query, 0) : difference(query.sources);
}

// Redis goes from the smallest to the largest, which shows in the last digits of sums.
function bySize(sources: readonly Source[]): Source[] {
  return sources.toSorted((a, b) => a.size - b.size);
}

function union({ sources, aggregate }: Query): Map<string, number> {
  const result = new Map<string, number>();
  for (const source of bySize(sources)) {
    const scores: number[] = [];
    const members = membersOf(source, scores);
    for (let at = 0; at < members.length; at++) {
      const member = members[at] as string;
      const score = orZero(source.weight * (scores[at] as number));
      const before = result.get(member);
      result.set(member, before === undefined ? score : aggregated(aggregate, before, score));
    }
  }
  return result;
}

function intersection({ sources, aggregate }: Query, limit: number): Map<string, number> {
  const result = new Map<string, number>();
  const [smallest, ...others] = bySize(sources) as [Source, ...Source[]];
  const scores: number[] = [];
  const members = membersOf(smallest, scores);
  for (let at = 0; at < members.length; at++) {
    const member = members[at] as string;
    let score: number | undefined = orZero(smallest.weight * (scores[at] as number));
    for (const other of others) {
      const found = scoreOf(other, member);
      score = found === undefined ? undefined : aggregated(aggregate, score, found * other.weight);
      if (score === undefined) break;
    }
    if (score !== undefined) result.set(member, score);
    if (limit > 0 && result.size === limit) break;
  }
  return result;
}

function difference(sources: readonly Source[]): Map<string, number> {
  const result = new Map<string, number>();
  const [first, ...others] = sources as [Source, ...Source[]];
  const scores: number[] = [];
  const members = membersOf(first, scores);
  for (let at = 0; at < members.length; at++) {
    const member = members[at] as string;
    if (!others.some((other) => scoreOf(other, member) !== undefined)) result.set(member, scores[at] as number);
  }
  return result;
}

function membersOf({ set }: Source, scores: number[]): readonly string[] {
  if (set === undefined) return [];
  if (set instanceof SortedSet) return set.range(0, set.size, scores);
  const members = set.names();
  for (let count = members.length; count > 0; count--) scores.push(1);
  return members;
}

function scoreOf({ set }: Source, member: string): number | undefined {
  if (set === undefined) return undefined;
  if (set instanceof SortedSet) return set.score(member);
  return set.has(member) ? 1 : undefined;
}

function aggregated(aggregate: Aggregate, a: number, b: number): number {
  if (aggregate === "sum") return orZero(a + b);
  // Not Math.min and Math.max, which tell -0 from 0.
  const isBetter = aggregate === "min" ? b < a : b > a;
  return isBetter ? b : a;
}

/** Infinity less infinity, or nothing times infinity, counts as 0. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}
