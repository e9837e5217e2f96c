import { RedluaError } from "../core/index.ts";

/** Whether a command may have changed something before it failed. */
export type Applied = "no" | "maybe";

/**
 * A command failed. The code says why:
 *
 * - `CLIENT_REPLY` the server refused it; {@link ClientError.reply} is the first word of what it said (`NOSCRIPT`, `WRONGTYPE`, `ERR`)
 * - `CLIENT_UNAVAILABLE` there was no connection within the deadline; nothing was sent
 * - `CLIENT_DISCONNECTED` the connection was lost before the reply; the server may have run it
 * - `CLIENT_TIMEOUT` it was sent, and no reply came within the deadline; the server may have run it
 * - `CLIENT_ABORTED` the caller's signal fired
 * - `CLIENT_CLOSED` the port, or the client under it, was closed
 */
export class ClientError extends RedluaError {
  override readonly code: ClientErrorCode;
  /** `"no"`: nothing was changed. `"maybe"`: the server may have run it. */
  readonly applied: Applied;
  /** First word of the server's refusal, if it is one. */
  readonly reply: string | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    facts: { readonly applied: Applied; readonly reply?: string; readonly cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.applied = facts.applied;
    this.reply = facts.reply;
  }
}

export type ClientErrorCode =
  | "CLIENT_REPLY"
  | "CLIENT_UNAVAILABLE"
  | "CLIENT_DISCONNECTED"
  | "CLIENT_TIMEOUT"
  | "CLIENT_ABORTED"
  | "CLIENT_CLOSED";
