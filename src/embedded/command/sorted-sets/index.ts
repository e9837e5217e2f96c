/**
 * Commands of sorted sets.
 *
 * @module
 */
import type { CommandFlag, CommandSpec } from "../spec.ts";
import { zadd, zincrby } from "./add.ts";
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from "./combine.ts";
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from "./pop.ts";
import { zrange, zrangebylex, zrangebyscore, zrangestore, zrevrange, zrevrangebylex, zrevrangebyscore } from "./range.ts";
import { zcard, zcount, zlexcount, zmscore, zrandmember, zrank, zrevrank, zscan, zscore } from "./read.ts";
import { zrem, zremrangebylex, zremrangebyrank, zremrangebyscore } from "./remove.ts";

export { addScores, contradicts, geoOption } from "./add.ts";
export { storeResult } from "./range.ts";

const fastRead = ["readonly", "fast"] as const;
const fastWrite = ["write", "fast"] as const;

function spec(
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  run: CommandSpec["run"],
  keys: CommandSpec["keys"] = [1, 1, 1],
): CommandSpec {
  return { name, arity, group: "sorted-set", flags, keys, run };
}

/** A command that is told how many keys it has, by the argument at `countAt`. One before that is a key, too: the destination. */
function counted(
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  countAt: number,
  run: CommandSpec["run"],
): CommandSpec {
  const stores = name.endsWith("store");
  const findKeys = (args: readonly string[]): readonly number[] => {
    const keys: number[] = stores ? [1] : [];
    const last = Math.min(countAt + Number(args[countAt]), args.length - 1);
    for (let at = countAt + 1; at <= last; at++) keys.push(at);
    return keys;
  };
  const common = { name, arity, group: "sorted-set", flags: [...flags, "movablekeys"], findKeys, run } as const;
  return stores ? { ...common, keys: [1, 1, 1] } : common;
}

/** All of them. */
export const sortedSetCommands: readonly CommandSpec[] = [
  spec("zadd", -4, ["write", "denyoom", "fast"], zadd),
  spec("zincrby", 4, ["write", "denyoom", "fast"], zincrby),
  spec("zrem", -3, fastWrite, zrem),
  spec("zcard", 2, fastRead, zcard),
  spec("zscore", 3, fastRead, zscore),
  spec("zmscore", -3, fastRead, zmscore),
  spec("zrank", 3, fastRead, zrank),
  spec("zrevrank", 3, fastRead, zrevrank),
  spec("zcount", 4, fastRead, zcount),
  spec("zlexcount", 4, fastRead, zlexcount),
  spec("zrange", -4, ["readonly"], zrange),
  spec("zrangestore", -5, ["write", "denyoom"], zrangestore, [1, 2, 1]),
  spec("zrevrange", -4, ["readonly"], zrevrange),
  spec("zrangebyscore", -4, ["readonly"], zrangebyscore),
  spec("zrevrangebyscore", -4, ["readonly"], zrevrangebyscore),
  spec("zrangebylex", -4, ["readonly"], zrangebylex),
  spec("zrevrangebylex", -4, ["readonly"], zrevrangebylex),
  spec("zremrangebyrank", 4, ["write"], zremrangebyrank),
  spec("zremrangebyscore", 4, ["write"], zremrangebyscore),
  spec("zremrangebylex", 4, ["write"], zremrangebylex),
  spec("zpopmin", -2, fastWrite, zpopmin),
  spec("zpopmax", -2, fastWrite, zpopmax),
  spec("bzpopmin", -3, ["write", "noscript", "blocking", "fast"], bzpopmin, [1, -2, 1]),
  spec("bzpopmax", -3, ["write", "noscript", "blocking", "fast"], bzpopmax, [1, -2, 1]),
  counted("zmpop", -4, ["write"], 1, zmpop),
  counted("bzmpop", -5, ["write", "blocking"], 2, bzmpop),
  counted("zunion", -3, ["readonly"], 1, zunion),
  counted("zinter", -3, ["readonly"], 1, zinter),
  counted("zdiff", -3, ["readonly"], 1, zdiff),
  counted("zintercard", -3, ["readonly"], 1, zintercard),
  counted("zunionstore", -4, ["write", "denyoom"], 2, zunionstore),
  counted("zinterstore", -4, ["write", "denyoom"], 2, zinterstore),
  counted("zdiffstore", -4, ["write", "denyoom"], 2, zdiffstore),
  spec("zrandmember", -2, ["readonly"], zrandmember),
  spec("zscan", -3, ["readonly"], zscan),
];
