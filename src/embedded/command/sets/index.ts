/**
 * Commands of sets.
 *
 * @module
 */
import type { CommandFlag, CommandSpec } from "../spec.ts";
import { sdiff, sdiffstore, sinter, sintercard, sintercardKeys, sinterstore, sunion, sunionstore } from "./algebra.ts";
import { sadd, scard, sismember, smembers, smismember, smove, srem, sscan } from "./members.ts";
import { spop, srandmember } from "./random.ts";

function set(name: string, arity: number, flags: readonly CommandFlag[], run: CommandSpec["run"], last = 1): CommandSpec {
  return { name, arity, group: "set", flags, keys: [1, last, 1], run };
}

const reads: readonly CommandFlag[] = ["readonly"];
const readsFast: readonly CommandFlag[] = ["readonly", "fast"];
const stores: readonly CommandFlag[] = ["write", "denyoom"];

export const setCommands: readonly CommandSpec[] = [
  set("sadd", -3, ["write", "denyoom", "fast"], sadd),
  set("scard", 2, readsFast, scard),
  set("sdiff", -2, reads, sdiff, -1),
  set("sdiffstore", -3, stores, sdiffstore, -1),
  set("sinter", -2, reads, sinter, -1),
  { name: "sintercard", arity: -3, group: "set", flags: ["readonly", "movablekeys"], findKeys: sintercardKeys, run: sintercard },
  set("sinterstore", -3, stores, sinterstore, -1),
  set("sismember", 3, readsFast, sismember),
  set("smembers", 2, reads, smembers),
  set("smismember", -3, readsFast, smismember),
  set("smove", 4, ["write", "fast"], smove, 2),
  set("spop", -2, ["write", "fast"], spop),
  set("srandmember", -2, reads, srandmember),
  set("srem", -3, ["write", "fast"], srem),
  set("sscan", -3, reads, sscan),
  set("sunion", -2, reads, sunion, -1),
  set("sunionstore", -3, stores, sunionstore, -1),
];
