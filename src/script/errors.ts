import type { Applied, ClientError } from "../client/index.ts";
import { RedluaError } from "../core/index.ts";

/**
 * A script did not answer as it should.
 *
 * The code is the first word of what the script or the server said (`LOCK_LOST` of `redis.error_reply("LOCK_LOST …")`,
 * `WRONGTYPE`, `ERR`), a `CLIENT_…` code when no answer came, `SCRIPT_KEYS` when the keys cannot go together, or
 * `SCRIPT_REPLY` when the answer is not what the script's header promises.
 */
export class ScriptError extends RedluaError {
  override readonly code: string;
  /** Name of the script: `lock.acquire`. */
  readonly script: string;
  /** Line of the `.lua` file where it happened, if Redis named one. */
  readonly line: number | undefined;
  /** `"no"`: nothing was changed. `"maybe"`: the script may have run, whole or in part. */
  readonly applied: Applied;

  constructor(
    code: string,
    message: string,
    facts: { readonly script: string; readonly line?: number | undefined; readonly applied: Applied; readonly cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.script = facts.script;
    this.line = facts.line;
    this.applied = facts.applied;
  }
}

/** The error of a call that the port could not complete, told in the script's terms. */
export function scriptErrorOf(script: string, readsOnly: boolean, error: ClientError): ScriptError {
  const line = /(?:user_script|@user_script):(\d+)/.exec(error.message)?.[1];
  const where = line === undefined ? script : `${script}:${line}`;
  return new ScriptError(error.reply ?? error.code, `Script ${where}: ${error.message}`, {
    script,
    line: line === undefined ? undefined : Number(line),
    applied: readsOnly ? "no" : error.applied,
    cause: error,
  });
}
