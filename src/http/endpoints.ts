import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { JobTypes } from "../jobs/index.ts";
import { wantsEvents } from "./job-events.ts";
import { JobResource } from "./job-resource.ts";
import { retryAfterOf } from "./job-view.ts";
import type { AsyncEndpointsOptions } from "./options.ts";
import { WaitingRoom } from "./patience.ts";
import { ProblemError, problem, problemResponse } from "./problem.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Submitter } from "./submit.ts";
import { unavailability, unavailable } from "./unavailable.ts";

/** Endpoints, ready to be mounted. */
export interface AsyncEndpoints {
  /** Answers a request. Never rejects. For Hono, Bun, Deno, workers and whatever else speaks Fetch. */
  fetch(request: Request): Promise<Response>;
  /** The same for Node: `createServer(api.listener)`, `app.use(api.listener)` of Express. */
  listener(request: IncomingMessage, response: ServerResponse): void;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * HTTP endpoints that answer at once and work later: a request becomes a job, and the client is told where to look for it.
 *
 * Nothing is queued that was not found good. Every refusal is a problem (RFC 9457). A client that goes away ends no job.
 *
 * @throws {InvalidInputError} an option is unknown or cannot be used, or two do not go together
 * @example
 * const api = asyncEndpoints({ queue, routes: [{ path: "/api/summaries", job: "summary", body: "text", accepts: ["text/csv"] }] });
 * createServer(api.listener).listen(3000);
 */
export function asyncEndpoints<Types extends JobTypes>(options: AsyncEndpointsOptions<Types>): AsyncEndpoints {
  const settings = readSettings(options);
  const app = appOf(settings);
  const fetch = async (request: Request): Promise<Response> => {
    try {
      return await app.fetch(request);
    } catch (error) {
      // Hono hands on what is thrown and no Error, as the reason of a signal often is, and what goes wrong in its onError.
      return failed(settings, error, request);
    }
  };
  const listener = getRequestListener(fetch, {
    // A library has no business to replace the global Request and Response of its host.
    overrideGlobalObjects: false,
    // HTTP/1.0 has no Host; only the path of the URL is ever used.
    hostname: "localhost",
    errorHandler: () => problemResponse(problem("bad-request", "Its URL or its Host cannot be read."), "about:blank"),
  });
  return { fetch, listener: (request, response) => void listener(request, response) };
}

function appOf(settings: Settings): Hono {
  const app = new Hono();
  const room = new WaitingRoom(settings);
  const jobs = new JobResource(settings, room);
  const { jobsPath } = settings;
  app.get(`${jobsPath}/:id`, (c) =>
    wantsEvents(c) ? jobs.events(c, c.req.param("id")) : jobs.get(c.req.raw, c.req.param("id"), "job"),
  );
  app.get(`${jobsPath}/:id/result`, (c) => jobs.get(c.req.raw, c.req.param("id"), "result"));
  app.delete(`${jobsPath}/:id`, (c) => jobs.cancel(c.req.raw, c.req.param("id")));
  for (const route of settings.routes) {
    const submitter = new Submitter(settings, route, room);
    app.on(route.method, route.path, (c) => submitter.submit(c.req.raw, c.req.param() as Record<string, string>));
  }
  app.notFound((c) => otherwise(settings, app, c.req.raw, c.req.path));
  app.onError((error, c) => failed(settings, error, c.req.raw));
  return app;
}

/** A path that is not there, or not with this method: 404, 405, or the answer to OPTIONS. */
function otherwise(settings: Settings, app: Hono, request: Request, path: string): Response {
  const known = methods.filter((method) => app.router.match(method === "HEAD" ? "GET" : method, path)[0].length > 0);
  if (known.length === 0)
    return problemResponse(problem("not-found", "No endpoint has this path."), instanceOf(settings, request));
  const allow = [...known, "OPTIONS"].join(", ");
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  const refusal = problem("method-not-allowed", `It takes ${allow}.`, { headers: { allow } });
  return problemResponse(refusal, instanceOf(settings, request));
}

function failed(settings: Settings, error: unknown, request: Request): Response {
  // Nobody is there to read an answer.
  if (request.signal.aborted && error === request.signal.reason) return new Response(null, { status: 499 });
  const refusal = refusalOf(settings, error);
  const { status } = refusal.facts;
  const untold = refusal.cause !== undefined || !(error instanceof ProblemError);
  if (untold && status >= 500) settings.onError(refusal.cause ?? error, status, request);
  return problemResponse(refusal, instanceOf(settings, request));
}

function refusalOf(settings: Settings, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (unavailability(error) !== undefined) return unavailable(error, retryAfterOf(settings));
  // What an unexpected error says is for the log: it may tell how the program is built.
  return problem("internal-error", "The request was not carried out. Nothing is known to be wrong with it.", { cause: error });
}

function instanceOf(settings: Settings, request: Request): string {
  return `${settings.publicPath}${new URL(request.url).pathname}`;
}
