/**
 * Scripts and functions as Redis 7.0 runs them: EVAL and its kin, SCRIPT, FUNCTION, `redis.*`, and what becomes of values on
 * their way between Lua and replies.
 *
 * @module
 */
import type { CommandSpec } from "../command/index.ts";
import { functionCommands } from "./function-commands.ts";
import { runningCommands } from "./running-commands.ts";
import { scriptCommands } from "./script-commands.ts";

export type { ScriptHost, ScriptingContext } from "./host.ts";
export { Sandbox, type SandboxOptions } from "./sandbox.ts";

/** EVAL, FCALL, SCRIPT, FUNCTION and their kin. Whoever runs them is a {@link ScriptingContext}. */
export const scriptingCommands: readonly CommandSpec[] = [...runningCommands, ...scriptCommands, ...functionCommands];
