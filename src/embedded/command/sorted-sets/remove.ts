import { SortedSet } from "../../store/index.ts";
import { integerArgument, type Reply } from "../../value/index.ts";
import type { CommandContext } from "../spec.ts";
import { lexBound, scoreBound } from "./bounds.ts";
import { allRanks, memberRanks, type Ranks, scoreRanks } from "./ranks.ts";

/** ZREM key member [member …] */
export function zrem({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const set = db.collection(key, SortedSet);
  if (set === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < args.length && set.size > 0; at++) if (set.remove(args[at] as string)) removed++;
  if (removed > 0) {
    db.changed(key, "z", "zrem", removed);
    db.removeIfEmpty(key, set);
  }
  return removed;
}

/** ZREMRANGEBYRANK key start stop */
export function zremrangebyrank(context: CommandContext, args: readonly string[]): Reply {
  const [, key, min, max] = args as [string, string, string, string];
  const start = integerArgument(min);
  const stop = integerArgument(max);
  const set = context.db.collection(key, SortedSet);
  if (set === undefined) return 0;
  const ranks = allRanks();
  ranks.from = Math.max(start < 0 ? start + set.size : start, 0);
  ranks.to = Math.min(stop < 0 ? stop + set.size : stop, set.size - 1) + 1;
  return removeRanks(context, key, set, ranks, "zremrangebyrank");
}

/** ZREMRANGEBYSCORE key min max */
export function zremrangebyscore(context: CommandContext, args: readonly string[]): Reply {
  const [, key, min, max] = args as [string, string, string, string];
  const least = scoreBound(min);
  const greatest = scoreBound(max);
  const set = context.db.collection(key, SortedSet);
  if (set === undefined) return 0;
  const ranks = allRanks();
  scoreRanks(ranks, set, least, min, greatest, max);
  return removeRanks(context, key, set, ranks, "zremrangebyscore");
}

/** ZREMRANGEBYLEX key min max */
export function zremrangebylex(context: CommandContext, args: readonly string[]): Reply {
  const [, key, min, max] = args as [string, string, string, string];
  const least = lexBound(min);
  const greatest = lexBound(max);
  const set = context.db.collection(key, SortedSet);
  if (set === undefined) return 0;
  const ranks = allRanks();
  memberRanks(ranks, set, least, greatest);
  return removeRanks(context, key, set, ranks, "zremrangebylex");
}

function removeRanks({ db }: CommandContext, key: string, set: SortedSet, ranks: Ranks, event: string): number {
  const removed = set.removeRange(ranks.from, ranks.to).length;
  if (removed > 0) {
    db.changed(key, "z", event, removed);
    db.removeIfEmpty(key, set);
  }
  return removed;
}
