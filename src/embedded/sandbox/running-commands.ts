import type { CommandContext, CommandFlag, CommandSpec } from "../command/index.ts";
import { parseInteger, Refusal, type Reply, refusals, refuse } from "../value/index.ts";
import type { ScriptingContext } from "./host.ts";
import type { Script } from "./script-cache.ts";

const noScript: Refusal = new Refusal("NOSCRIPT No matching script. Please use EVAL.");
const tooManyKeys: Refusal = refuse("Number of keys can't be greater than number of args");
const negativeKeys: Refusal = refuse("Number of keys can't be negative");
const badKeys: Refusal = refuse("Bad number of keys provided");
const noFunction: Refusal = refuse("Function not found");

const flags: readonly CommandFlag[] = ["noscript", "stale", "skip_monitor", "no_mandatory_keys", "movablekeys"];
const readOnlyFlags: readonly CommandFlag[] = ["readonly", ...flags];

/** EVAL, EVALSHA, FCALL, and their kin that promise not to write. */
export const runningCommands: readonly CommandSpec[] = [
  running("eval", false, (context, args) => runBody(context, args, false)),
  running("eval_ro", true, (context, args) => runBody(context, args, true)),
  running("evalsha", false, (context, args) => runSha(context, args, false)),
  running("evalsha_ro", true, (context, args) => runSha(context, args, true)),
  running("fcall", false, (context, args) => runFunction(context, args, false)),
  running("fcall_ro", true, (context, args) => runFunction(context, args, true)),
];

function running(
  name: string,
  readOnly: boolean,
  run: (context: ScriptingContext, args: readonly string[]) => Reply,
): CommandSpec {
  return {
    name,
    arity: -3,
    group: "scripting",
    flags: readOnly ? readOnlyFlags : flags,
    findKeys,
    run: (context: CommandContext, args) => run(context as ScriptingContext, args),
  };
}

/** Positions of the keys, which follow their count. */
function findKeys(args: readonly string[]): readonly number[] {
  const count = Number(parseInteger(args[2] as string) ?? 0);
  // More than there are arguments: it will be refused, and names no key.
  return Array.from({ length: count > 0 && count <= args.length - 3 ? count : 0 }, (_, index) => index + 3);
}

function runBody(context: ScriptingContext, args: readonly string[], readOnly: boolean): Reply {
  const keys = keyCount(args, refusals.notInteger);
  return runScript(context, context.sandbox.learn(args[1] as string), args, keys, readOnly);
}

function runSha(context: ScriptingContext, args: readonly string[], readOnly: boolean): Reply {
  const sha = args[1] as string;
  if (sha.length !== 40) throw noScript;
  const keys = keyCount(args, refusals.notInteger);
  const script = context.sandbox.scripts.find(sha);
  if (script === undefined) throw noScript;
  return runScript(context, script, args, keys, readOnly);
}

function runScript(context: ScriptingContext, script: Script, args: readonly string[], keys: number, readOnly: boolean): Reply {
  const { sandbox } = context;
  const main = script.main ?? sandbox.prepare(script);
  const run = readOnly ? { name: script.name, flags: script.flags, readOnly } : script;
  return sandbox.machine.runScript(main, args.slice(3, 3 + keys), args.slice(3 + keys), run, context);
}

function runFunction(context: ScriptingContext, args: readonly string[], readOnly: boolean): Reply {
  const { sandbox } = context;
  const found = sandbox.functions.find(args[1] as string);
  if (found === undefined) throw noFunction;
  const keys = keyCount(args, badKeys);
  const run = { name: found.name, flags: found.flags, readOnly };
  return sandbox.machine.runFunction(found.callback, args.slice(3, 3 + keys), args.slice(3 + keys), run, context);
}

/** How many of the arguments are keys. @throws {Refusal} `refusal` if it is no number, or does not fit */
function keyCount(args: readonly string[], refusal: Refusal): number {
  const count = parseInteger(args[2] as string);
  if (count === undefined) throw refusal;
  if (count > args.length - 3) throw tooManyKeys;
  if (count < 0) throw negativeKeys;
  return Number(count);
}
