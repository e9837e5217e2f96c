import { createHash, createHmac } from "node:crypto";
import type { Job } from "../jobs/index.ts";
import { problem } from "./problem.ts";

/** Kept with the job among its headers. No client can send a header whose name begins with a colon. */
export const fingerprintHeader = ":fingerprint";

/**
 * Reads an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a text in quotes. A bare word is taken too,
 * because many clients send one.
 *
 * @throws {ProblemError} `bad-idempotency-key`
 */
export function readIdempotencyKey(request: Request): string | undefined {
  const header = request.headers.get("idempotency-key");
  if (header === null) return undefined;
  const value = header.trim();
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(value)?.[1]?.replace(/\\(["\\])/g, "$1");
  const key = quoted ?? /^[\w.:~-]+$/.exec(value)?.[0];
  if (key !== undefined && key.length > 0 && key.length <= 255) return key;
  throw problem(
    "bad-idempotency-key",
    'Send it once, as 1 to 255 visible characters in quotes: Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324".',
  );
}

/**
 * The id of the job that a key stands for: the same in every process, so that whoever adds it first has made it and
 * everybody else finds it. Two callers, or two routes, with the same key have two jobs.
 */
export function jobIdOf(
  scope: { readonly route: string; readonly principal: string | undefined },
  key: string,
  secret: string,
): string {
  const text = JSON.stringify([scope.route, scope.principal ?? null, key]);
  return createHmac("sha256", secret).update(text).digest("base64url");
}

/** What a request asks for, in a few characters: its path, its query, and its body to the byte. */
export function fingerprintOf(request: Request, body: Uint8Array): string {
  const { pathname, search } = new URL(request.url);
  return createHash("sha256").update(`${request.method} ${pathname}${search}\n`).update(body).digest("base64url");
}

/** Refuses a key that was used for something else. @throws {ProblemError} `idempotency-key-reused` */
export function checkFingerprint(job: Pick<Job, "headers">, fingerprint: string): void {
  if (job.headers?.[fingerprintHeader]?.[0] === fingerprint) return;
  throw problem("idempotency-key-reused", "The path, query or body differs from that of the first request. Use a new key.");
}
