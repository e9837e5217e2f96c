import { ClientError, type ClientErrorCode } from "./errors.ts";

const messages: Readonly<Record<Exclude<ClientErrorCode, "CLIENT_REPLY">, string>> = {
  CLIENT_UNAVAILABLE: "There was no connection to Redis in time. Nothing was sent.",
  CLIENT_DISCONNECTED: "The connection to Redis was lost before the reply came.",
  CLIENT_TIMEOUT: "Redis did not reply in time.",
  CLIENT_ABORTED: "The caller's signal ended the call.",
  CLIENT_CLOSED: "The connection to Redis was closed.",
};

/** An error of the way to Redis. */
export function failure(code: Exclude<ClientErrorCode, "CLIENT_REPLY">, written: boolean, cause?: unknown): ClientError {
  const text = messages[code];
  const message = written ? `${text} The server may have run the command.` : text;
  return new ClientError(code, message, { applied: written ? "maybe" : "no", cause });
}
