import { createHash } from "node:crypto";
import { type LuaFunction, LuaTable, type LuaValue, NONE } from "../lua/index.ts";
import { isText, raise, textOf } from "./arguments.ts";
import { type CommandCaller, commandArguments } from "./command-caller.ts";
import { errorReplyTable, errorTable } from "./error-table.ts";
import type { LogLevel, ScriptHost } from "./host.ts";
import { status } from "./to-lua.ts";

/** The Redis that scripts believe to run in. */
const redisVersion = { text: "7.0.15", number: 0x0007000f } as const;

const levels: readonly LogLevel[] = ["debug", "verbose", "notice", "warning"];
const wrongArguments = "wrong number or type of arguments";

/** What the fields of `redis.*` work on. */
export interface RedisTableOptions {
  readonly caller: CommandCaller;
  readonly host: ScriptHost;
  /** Counts a text that is gone through as work. */
  readonly read: (bytes: number) => void;
  /** A Lua value as a number, where Lua takes a numeric string for one. */
  readonly toNumber: (value: LuaValue) => number | undefined;
}

/** The fields that `redis` has while a library of functions is loaded: constants and `log`. */
export function loadingTable(options: RedisTableOptions): LuaTable {
  const table = new LuaTable();
  for (const [index, level] of levels.entries()) table.set(`LOG_${level.toUpperCase()}`, index);
  table.set("REDIS_VERSION", redisVersion.text);
  table.set("REDIS_VERSION_NUM", redisVersion.number);
  table.set("log", logFunction(options));
  return table;
}

/** `redis` as functions have it. */
export function functionTable(options: RedisTableOptions): LuaTable {
  const { caller } = options;
  const table = loadingTable(options);
  const fields: Record<string, LuaFunction> = {
    call: (...args) => caller.call(args),
    pcall: (...args) => caller.pcall(args),
    sha1hex: (...args) => {
      // Four times the work of going through it.
      if (isText(args[0])) options.read(4 * textOf(args[0]).length);
      return sha1hex(...args);
    },
    error_reply: (...args) =>
      errorReplyTable(args.length === 1 && typeof args[0] === "string" ? args[0] : `ERR ${wrongArguments}`),
    status_reply: (...args) => (args.length === 1 && typeof args[0] === "string" ? status(args[0]) : errorTable(wrongArguments)),
    setresp: setRespFunction(options),
    set_repl: setReplFunction(options),
    acl_check_cmd: aclCheckFunction(caller),
  };
  for (const [name, field] of Object.entries(fields)) table.set(name, field);
  const replication = { NONE: 0, AOF: 1, SLAVE: 2, REPLICA: 2, ALL: 3 };
  for (const [name, bits] of Object.entries(replication)) table.set(`REPL_${name}`, bits);
  return table;
}

/** `redis` as EVAL has it: some more that only old scripts use. */
export function scriptTable(options: RedisTableOptions): LuaTable {
  const table = functionTable(options);
  table.set("replicate_commands", () => true);
  // There is no debugger.
  table.set("breakpoint", () => false);
  table.set("debug", () => NONE);
  return table;
}

/** The SHA1 of bytes, in hexadecimal. */
export function sha1(bytes: string): string {
  return createHash("sha1").update(bytes, "latin1").digest("hex");
}

const sha1hex: LuaFunction = (...args) => {
  if (args.length !== 1) raise("wrong number of arguments");
  const [value] = args;
  return sha1(isText(value) ? textOf(value) : "");
};

function logFunction({ host, toNumber }: RedisTableOptions): LuaFunction {
  return (...args) => {
    if (args.length < 2) raise("redis.log() requires two arguments or more.");
    const number = toNumber(args[0]);
    if (number === undefined) raise("First argument must be a number (log level).");
    const level = levels[Math.trunc(number)];
    if (level === undefined) raise("Invalid debug level.");
    const words = args.slice(1).flatMap((value, index) => {
      if (!isText(value)) return [];
      return [index === 0 ? textOf(value) : ` ${textOf(value)}`];
    });
    host.onScriptLog?.(level, words.join(""));
    return NONE;
  };
}

function setRespFunction({ caller, toNumber }: RedisTableOptions): LuaFunction {
  return (...args) => {
    if (args.length !== 1) raise("redis.setresp() requires one argument.");
    const resp = Math.trunc(toNumber(args[0]) ?? 0);
    if (resp !== 2 && resp !== 3) raise("RESP version must be 2 or 3.");
    caller.setProtocol(resp);
    return NONE;
  };
}

/** There are no replicas, and the append-only file is to agree with the memory: what is asked for is checked, and not done. */
function setReplFunction({ toNumber }: RedisTableOptions): LuaFunction {
  return (...args) => {
    if (args.length !== 1) raise("redis.set_repl() requires two arguments.");
    const bits = Math.trunc(toNumber(args[0]) ?? 0);
    if ((bits & ~3) !== 0) raise("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
    return NONE;
  };
}

/** There are no users but one, who may do everything. */
function aclCheckFunction(caller: CommandCaller): LuaFunction {
  return (...args) => {
    if (caller.find(commandArguments(args)) === undefined) raise("Invalid command passed to redis.acl_check_cmd()");
    return true;
  };
}
