import type { IncomingMessage } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import {
  accept,
  callable,
  checkCallable,
  InvalidInputError,
  oneOf,
  readOptions,
  required,
  show,
  withDefault,
} from "../core/index.ts";
import type { Degraded, Denied } from "./decision.ts";
import { drafts, type HeaderDraft, rateLimitHeaders } from "./headers.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { refusalOf } from "./refusal.ts";

/** How requests are limited. */
export interface RateLimitOptions<Request> {
  /**
   * Who is limited: a user, an API key, an address. Has to be chosen, because what a proxy reports cannot be trusted unseen.
   * `undefined` lets the request pass uncounted.
   */
  readonly identity: (request: Request) => string | undefined | Promise<string | undefined>;
  /** What a request costs. @default 1 */
  readonly cost?: number | ((request: Request) => number | Promise<number>);
  /** Which draft the headers follow. @default "draft-8" */
  readonly headers?: HeaderDraft;
}

/** What becomes of a request: its headers either way, and an answer if it may not go ahead. */
interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: { readonly status: number; readonly body: string } | undefined;
}

/** Reads the options when a middleware is made: a mistake must not wait for the first request. */
function readMiddleware<Request>(
  owner: string,
  limiter: RateLimiter,
  options: RateLimitOptions<Request>,
): Required<RateLimitOptions<Request>> {
  if (typeof (limiter as Partial<RateLimiter> | undefined)?.consume !== "function") {
    throw new InvalidInputError("INPUT_INVALID", "limiter", `${owner} takes a RateLimiter first, not ${show(limiter)}.`);
  }
  return readOptions(owner, options, {
    identity: required(callable<RateLimitOptions<Request>["identity"]>()),
    cost: withDefault(
      accept<number | ((request: Request) => number | Promise<number>)>("a whole number, or a function", isCost),
      1,
    ),
    headers: withDefault(oneOf(...drafts), "draft-8"),
  });
}

function isCost(value: unknown): boolean {
  return typeof value === "function" || (Number.isSafeInteger(value) && (value as number) >= 1);
}

async function judge<Request>(
  limiter: RateLimiter,
  options: Required<RateLimitOptions<Request>>,
  request: Request,
): Promise<Verdict> {
  const identity = await options.identity(request);
  if (identity === undefined) return { headers: {}, refusal: undefined };
  const { cost } = options;
  const decision = await limiter.consume(identity, { cost: typeof cost === "number" ? cost : await cost(request) });
  const headers = rateLimitHeaders(decision, options.headers);
  if (decision.allowed) return { headers, refusal: undefined };
  const problem = { ...headers, "content-type": "application/problem+json", "cache-control": "no-store" };
  return { headers: problem, refusal: refusalOf(decision as Denied | Degraded) };
}

/**
 * What a header says when a limit around another one sets it as well: since draft 8 both fields are lists of limits by their names, so
 * both are told. `undefined` if it is no such list.
 */
function both(name: string, outer: unknown, inner: unknown): string | undefined {
  const listed = name.startsWith("ratelimit") && [outer, inner].every((each) => String(each).startsWith('"'));
  return listed ? `${outer}, ${inner}` : undefined;
}

/**
 * Limits a handler that speaks Fetch.
 *
 * @example
 * const handler = fetchRateLimit(limiter, { identity: (request) => request.headers.get("x-api-key") ?? "nobody" }, answer);
 */
export function fetchRateLimit<Rest extends readonly unknown[]>(
  limiter: RateLimiter,
  options: RateLimitOptions<Request>,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const read = readMiddleware("fetchRateLimit", limiter, options);
  checkCallable("fetchRateLimit", "handler", handler);
  return async (request, ...rest) => {
    const { headers, refusal } = await judge(limiter, read, request);
    if (refusal !== undefined) return new Response(refusal.body, { status: refusal.status, headers });
    const response = await handler(request, ...rest);
    // A response that was fetched has headers that cannot be changed.
    const answered = new Response(response.body, response);
    for (const [name, value] of Object.entries(headers)) {
      answered.headers.set(name, both(name, value, answered.headers.get(name)) ?? value);
    }
    return answered;
  };
}

/** The part of a response of Express, Connect or plain Node that is used. */
export interface NodeResponse {
  statusCode: number;
  getHeader?(name: string): unknown;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Limits what comes after it in Express, Connect, or anything that calls `(request, response, next)`.
 *
 * @example
 * app.use(expressRateLimit(limiter, { identity: (request) => request.ip }));
 */
export function expressRateLimit<Request = IncomingMessage & { readonly ip?: string }>(
  limiter: RateLimiter,
  options: RateLimitOptions<Request>,
): (request: Request, response: NodeResponse, next: (error?: unknown) => void) => void {
  const read = readMiddleware("expressRateLimit", limiter, options);
  const answer = async (request: Request, response: NodeResponse): Promise<boolean> => {
    const { headers, refusal } = await judge(limiter, read, request);
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, both(name, response.getHeader?.(name), value) ?? value);
    }
    if (refusal === undefined) return false;
    response.statusCode = refusal.status;
    response.end(refusal.body);
    return true;
  };
  return (request, response, next) => {
    answer(request, response).then((answered) => {
      if (!answered) next();
    }, next);
  };
}

/**
 * Limits what comes after it in Hono.
 *
 * @example
 * app.use(honoRateLimit(limiter, { identity: (context) => context.req.header("x-api-key") }));
 */
export function honoRateLimit(limiter: RateLimiter, options: RateLimitOptions<Context>): MiddlewareHandler {
  const read = readMiddleware("honoRateLimit", limiter, options);
  return async (context, next) => {
    const { headers, refusal } = await judge(limiter, read, context);
    if (refusal !== undefined) return new Response(refusal.body, { status: refusal.status, headers });
    await next();
    for (const [name, value] of Object.entries(headers)) {
      context.header(name, both(name, value, context.res.headers.get(name)) ?? value);
    }
    return undefined;
  };
}
