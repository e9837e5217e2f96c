import type { PortSettings } from "../port/index.ts";
import { ConnectError } from "./errors.ts";
import { describeTarget, type RedisTarget } from "./redis-url.ts";
import { after } from "./within.ts";

/** What an adapter needs to connect. */
export interface ConnectRequest {
  readonly target: RedisTarget;
  readonly settings: PortSettings;
}

/** What a server says that waiting does not change. */
const final = /^(?:NOAUTH|WRONGPASS|NOPERM|DENIED|ERR (?:invalid DB|DB index|invalid password|Client sent AUTH|AUTH ))/i;

/**
 * Waits for the first connection of a client that keeps trying by itself.
 *
 * @param attempt resolves when there is a connection, and reports what goes wrong until then
 * @throws {ConnectError} `CONNECT_FAILED` at the deadline, or as soon as the server says what no further attempt will change
 */
export function reachable(
  target: RedisTarget,
  timeoutMs: number,
  attempt: (report: (error: Error) => void) => Promise<unknown>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = new Error(`no connection within ${timeoutMs} ms`);
    const fail = (): void => {
      clearTimeout(timer);
      const message = `Could not connect to Redis at ${describeTarget(target)}: ${reason(last)}. Does it run there, and is the URL right?`;
      reject(new ConnectError("CONNECT_FAILED", message, last));
    };
    const timer = after(timeoutMs, fail);
    const report = (error: Error): void => {
      last = error;
      if (final.test(error.message)) fail();
    };
    attempt(report).then(
      () => {
        clearTimeout(timer);
        resolve();
      },
      (error: Error) => {
        last = error;
        fail();
      },
    );
  });
}

/** What happened, as a part of a sentence. Node gives an error without a message when every address of a host refuses: what happened is in its parts. */
function reason(error: Error & { readonly code?: string; readonly errors?: readonly Error[] }): string {
  const said = error.message || error.errors?.map(({ message }) => message).join("; ") || error.code || "unknown";
  return said.replace(/\.$/, "");
}
