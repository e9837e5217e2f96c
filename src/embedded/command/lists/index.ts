/**
 * Commands of lists, those that wait among them.
 *
 * @module
 */
import type { CommandFlag, CommandSpec } from "../spec.ts";
import { lpop, lpush, lpushx, rpop, rpush, rpushx } from "./ends.ts";
import { lindex, linsert, llen, lpos, lrange, lrem, lset, ltrim } from "./inside.ts";
import { blmove, blmpop, blmpopKeys, blpop, brpop, brpoplpush, lmove, lmpop, lmpopKeys, rpoplpush } from "./move.ts";

function list(name: string, arity: number, flags: readonly CommandFlag[], run: CommandSpec["run"]): CommandSpec {
  return { name, arity, group: "list", flags, keys: [1, 1, 1], run };
}

const pushes: readonly CommandFlag[] = ["write", "denyoom", "fast"];
const pops: readonly CommandFlag[] = ["write", "fast"];
const grows: readonly CommandFlag[] = ["write", "denyoom"];
const waits: readonly CommandFlag[] = ["write", "noscript", "blocking"];
const waitsAndGrows: readonly CommandFlag[] = ["write", "denyoom", "noscript", "blocking"];

export const listCommands: readonly CommandSpec[] = [
  { ...list("blmove", 6, waitsAndGrows, blmove), keys: [1, 2, 1] },
  { name: "blmpop", arity: -5, group: "list", flags: ["write", "blocking", "movablekeys"], findKeys: blmpopKeys, run: blmpop },
  { ...list("blpop", -3, waits, blpop), keys: [1, -2, 1] },
  { ...list("brpop", -3, waits, brpop), keys: [1, -2, 1] },
  { ...list("brpoplpush", 4, waitsAndGrows, brpoplpush), keys: [1, 2, 1] },
  list("lindex", 3, ["readonly"], lindex),
  list("linsert", 5, grows, linsert),
  list("llen", 2, ["readonly", "fast"], llen),
  { ...list("lmove", 5, grows, lmove), keys: [1, 2, 1] },
  { name: "lmpop", arity: -4, group: "list", flags: ["write", "movablekeys"], findKeys: lmpopKeys, run: lmpop },
  list("lpop", -2, pops, lpop),
  list("lpos", -3, ["readonly"], lpos),
  list("lpush", -3, pushes, lpush),
  list("lpushx", -3, pushes, lpushx),
  list("lrange", 4, ["readonly"], lrange),
  list("lrem", 4, ["write"], lrem),
  list("lset", 4, grows, lset),
  list("ltrim", 4, ["write"], ltrim),
  list("rpop", -2, pops, rpop),
  { ...list("rpoplpush", 3, grows, rpoplpush), keys: [1, 2, 1] },
  list("rpush", -3, pushes, rpush),
  list("rpushx", -3, pushes, rpushx),
];
