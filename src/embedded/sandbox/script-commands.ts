import type { CommandContext, CommandFlag, CommandSpec } from "../command/index.ts";
import { OK, Refusal, type Reply, refuse } from "../value/index.ts";
import { help } from "./help.ts";
import type { ScriptingContext } from "./host.ts";

const notBusy: Refusal = new Refusal("NOTBUSY No scripts in execution right now.");
const badFlush: Refusal = refuse("SCRIPT FLUSH only support SYNC|ASYNC option");
const badDebug: Refusal = refuse("Use SCRIPT DEBUG YES/SYNC/NO");
const noDebugger: Refusal = refuse(
  "SCRIPT DEBUG is not supported by the embedded engine of redlua: debug the script on a Redis server",
);

const helpText = `
DEBUG (YES|SYNC|NO)
    Set the debug mode for subsequent scripts executed.
EXISTS <sha1> [<sha1> ...]
    Return information about the existence of the scripts in the script cache.
FLUSH [ASYNC|SYNC]
    Flush the Lua scripts cache. Very dangerous on replicas.
    When called without the optional mode argument, the behavior is determined by the
    lazyfree-lazy-user-flush configuration directive. Valid modes are:
    * ASYNC: Asynchronously flush the scripts cache.
    * SYNC: Synchronously flush the scripts cache.
KILL
    Kill the currently executing Lua script.
LOAD <script>
    Load a script into the scripts cache without executing it.`;

/** SCRIPT and its subcommands. */
export const scriptCommands: readonly CommandSpec[] = [
  script("load", 3, ["noscript", "stale"], ({ sandbox }, args) => sandbox.learn(args[2] as string).name),
  script("exists", -3, ["noscript"], ({ sandbox }, args) => args.slice(2).map((sha) => (sandbox.scripts.has(sha) ? 1 : 0))),
  script("flush", -2, ["noscript"], ({ sandbox }, args) => {
    if (args.length > 3 || (args.length === 3 && !isFlushMode(args[2] as string))) throw badFlush;
    sandbox.scripts.clear();
    return OK;
  }),
  // A script runs to its end before anybody else is heard, so there is never one to kill.
  script("kill", 2, ["noscript", "allow_busy"], () => {
    throw notBusy;
  }),
  script("debug", 3, ["noscript"], (_context, args) => {
    const mode = (args[2] as string).toLowerCase();
    if (mode === "no") return OK;
    throw mode === "yes" || mode === "sync" ? noDebugger : badDebug;
  }),
  { name: "script|help", arity: 2, group: "scripting", flags: ["loading", "stale"], run: help("SCRIPT", helpText) },
];

/** Whether a word says how to flush. All is gone at once, whichever it is. */
export function isFlushMode(word: string): boolean {
  return /^a?sync$/i.test(word);
}

function script(
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  run: (context: ScriptingContext, args: readonly string[]) => Reply,
): CommandSpec {
  return {
    name: `script|${name}`,
    arity,
    group: "scripting",
    flags,
    run: (context: CommandContext, args) => run(context as ScriptingContext, args),
  };
}
