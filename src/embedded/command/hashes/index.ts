/**
 * Commands of hashes.
 *
 * @module
 */
import type { CommandFlag, CommandSpec } from "../spec.ts";
import { hincrby, hincrbyfloat } from "./increment.ts";
import { hrandfield } from "./random.ts";
import { hexists, hget, hgetall, hkeys, hlen, hmget, hscan, hstrlen, hvals } from "./read.ts";
import { hdel, hmset, hset, hsetnx } from "./write.ts";

function hash(name: string, arity: number, flags: readonly CommandFlag[], run: CommandSpec["run"]): CommandSpec {
  return { name, arity, group: "hash", flags, keys: [1, 1, 1], run };
}

const writes: readonly CommandFlag[] = ["write", "denyoom", "fast"];
const reads: readonly CommandFlag[] = ["readonly"];
const readsFast: readonly CommandFlag[] = ["readonly", "fast"];

export const hashCommands: readonly CommandSpec[] = [
  hash("hdel", -3, ["write", "fast"], hdel),
  hash("hexists", 3, readsFast, hexists),
  hash("hget", 3, readsFast, hget),
  hash("hgetall", 2, reads, hgetall),
  hash("hincrby", 4, writes, hincrby),
  hash("hincrbyfloat", 4, writes, hincrbyfloat),
  hash("hkeys", 2, reads, hkeys),
  hash("hlen", 2, readsFast, hlen),
  hash("hmget", -3, readsFast, hmget),
  hash("hmset", -4, writes, hmset),
  hash("hrandfield", -2, reads, hrandfield),
  hash("hscan", -3, reads, hscan),
  hash("hset", -4, writes, hset),
  hash("hsetnx", 4, writes, hsetnx),
  hash("hstrlen", 3, readsFast, hstrlen),
  hash("hvals", 2, reads, hvals),
];
