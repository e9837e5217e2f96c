/**
 * Commands of HyperLogLogs, which are strings of Redis' own making.
 *
 * @module
 */
import type { CommandSpec } from "../spec.ts";
import { pfadd, pfcount, pfdebug, pfmerge, pfselftest } from "./commands.ts";

const group = "hyperloglog";

export const hyperloglogCommands: readonly CommandSpec[] = [
  { name: "pfadd", arity: -2, group, flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: pfadd },
  { name: "pfcount", arity: -2, group, flags: ["readonly"], keys: [1, -1, 1], run: pfcount },
  { name: "pfdebug", arity: 3, group, flags: ["write", "denyoom", "admin"], keys: [2, 2, 1], run: pfdebug },
  { name: "pfmerge", arity: -2, group, flags: ["write", "denyoom"], keys: [1, -1, 1], run: pfmerge },
  { name: "pfselftest", arity: 1, group, flags: ["admin"], run: pfselftest },
];
