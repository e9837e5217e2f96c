import { expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const sha = "a9b8c7d6e5f4a9b8c7d6e5f4a9b8c7d6e5f4a9b8";

test.each([
  ["EVALSHA", "NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT", "no"],
  ["EVALSHA", "MOVED 3999 127.0.0.1:6381", "MOVED", "no"],
  ["EVALSHA", "CROSSSLOT Keys in request don't hash to the same slot", "CROSSSLOT", "no"],
  ["EVALSHA", "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "BUSY", "no"],
  ["EVALSHA", "OOM command not allowed when used memory > 'maxmemory'.", "OOM", "no"],
  ["EVALSHA", `OOM command not allowed when used memory > 'maxmemory'. script: ${sha}, on @user_script:3.`, "OOM", "no"],
  ["EVALSHA", `READONLY You can't write against a read only replica. script: ${sha}, on @user_script:1.`, "READONLY", "maybe"],
  ["EVALSHA", `ERR Error running script (call to f_${sha}): @user_script:1: user_script:1: boom`, "ERR", "maybe"],
  ["EVALSHA", "LOCK_LOST somebody else has it", "LOCK_LOST", "maybe"],
  ["EVALSHA", "WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE", "maybe"],
  ["EVALSHA", "ERR value is not an integer or out of range", "ERR", "maybe"],
  ["EVALSHA", "ERR wrong number of arguments for 'hset' command", "ERR", "maybe"],
  ["EVALSHA", "ERR wrong number of arguments for 'evalsha' command", "ERR", "no"],
  ["EVALSHA", "NOPERM The user executing the script can't run this command or subcommand", "NOPERM", "maybe"],
  ["INCR", "ERR value is not an integer or out of range", "ERR", "no"],
  ["EVALSHA", "ERR Number of keys can't be greater than number of args", "ERR", "no"],
  ["EVAL", "ERR Error compiling script (new function): user_script:1: '=' expected near 'is'", "ERR", "no"],
  ["FCALL", "ERR Function not found", "ERR", "no"],
  ["SET", "ERR syntax error", "ERR", "no"],
  ["LPUSH", "WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE", "no"],
  ["SET", "upstream failure", "upstream", "maybe"],
  ["SET", "LOADING", "LOADING", "no"],
])("%s answered with %j says %s, applied: %s", (command, text, reply, applied) => {
  expect(refusal(text, command, undefined)).toMatchObject({ code: "CLIENT_REPLY", message: text, reply, applied });
});
