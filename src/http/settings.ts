import {
  accept,
  callable,
  duration,
  type Field,
  InvalidInputError,
  integer,
  messageOf,
  oneOf,
  readOptions,
  required,
  text,
  withDefault,
} from "../core/index.ts";
import { bytes, type Job, type JobTypes, json, type Queue } from "../jobs/index.ts";
import type { AsyncEndpointsOptions, BodyKind, Route, RouteOptions } from "./options.ts";

/** An endpoint, its options read and its defaults filled in. */
export interface RouteSettings {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly job: string;
  readonly body: BodyKind;
  readonly accepts: readonly string[];
  readonly maxBytes: number;
  readonly schema: RouteOptions["schema"];
  readonly headers: readonly string[];
  readonly idempotencyKeyRequired: boolean;
  readonly options: RouteOptions["options"];
  readonly produces: string;
  readonly failures: ReadonlyMap<string, number>;
}

/** All options, read. */
export interface Settings {
  readonly queue: Queue;
  readonly routes: readonly RouteSettings[];
  readonly jobsPath: string;
  readonly publicPath: string;
  readonly principal: AsyncEndpointsOptions["principal"];
  readonly admit: AsyncEndpointsOptions["admit"];
  readonly authorize: (request: Request, job: Job) => boolean | Promise<boolean>;
  readonly maxWaitMs: number;
  readonly maxWaiting: number;
  readonly maxStreamMs: number;
  readonly retryAfterMs: number;
  readonly errorDetail: "code" | "message" | "stack";
  readonly secret: string;
  readonly onError: (error: unknown, status: number, request: Request) => void;
}

/** Kept with the job among its headers: who made it. No client can send a header whose name begins with a colon. */
export const principalHeader = ":principal";

const defaultAccepts: Readonly<Record<BodyKind, readonly string[]>> = {
  json: ["application/json", "application/*+json"],
  text: ["text/*"],
  bytes: ["*/*"],
  none: ["*/*"],
};

/** Reads the options. @throws {InvalidInputError} one is unknown or cannot be used, or two do not go together */
export function readSettings<Types extends JobTypes>(options: AsyncEndpointsOptions<Types>): Settings {
  const read = readOptions("asyncEndpoints", options, {
    queue: required(accept<Queue>("a Queue", isQueue)),
    routes: required(
      accept<readonly Route<Types>[]>("a list of at least one route", (value) => Array.isArray(value) && value.length > 0),
    ),
    jobsPath: withDefault(path("/jobs"), "/jobs"),
    publicPath: withDefault(
      accept<string>('"" or a path such as "/v1"', (value) => value === "" || isPath(value)),
      "",
    ),
    principal: callable<NonNullable<AsyncEndpointsOptions["principal"]>>(),
    admit: callable<NonNullable<AsyncEndpointsOptions["admit"]>>(),
    authorize: callable<NonNullable<AsyncEndpointsOptions["authorize"]>>(),
    maxWait: withDefault(duration({ max: 3_600_000 }), "30s"),
    maxStream: withDefault(duration({ min: 1, max: 86_400_000 }), "10m"),
    maxWaiting: withDefault(integer({ min: 0, max: 1_000_000 }), 1_000),
    retryAfter: withDefault(duration({ min: 1, max: 86_400_000 }), "1s"),
    errorDetail: withDefault(oneOf("code", "message", "stack"), "message"),
    secret: accept<string>("text of 16 characters or more", (value) => typeof value === "string" && value.length >= 16),
    onError: callable<NonNullable<AsyncEndpointsOptions["onError"]>>(),
  });
  const routes = read.routes.map((route, index) =>
    readRoute(`asyncEndpoints.routes[${index}]`, route as RouteOptions, read.queue),
  );
  refuseDoubles(routes);
  const { principal, authorize, maxWait, maxStream, retryAfter, secret, onError, ...rest } = read;
  return {
    ...rest,
    routes,
    principal,
    authorize: authorize ?? (principal === undefined ? () => true : madeBy(principal)),
    maxWaitMs: maxWait,
    maxStreamMs: maxStream,
    retryAfterMs: retryAfter,
    secret: secret ?? "",
    onError: (error, status, request) => {
      const warn = (thrown: unknown): void =>
        process.emitWarning(`onError of asyncEndpoints threw: ${messageOf(thrown)}`, { code: "REDLUA_LISTENER" });
      try {
        if (onError !== undefined) Promise.resolve(onError(error, request)).catch(warn);
        else if (status === 500) console.error(error);
      } catch (thrown) {
        warn(thrown);
      }
    },
  };
}

/** Lets those see a job who made it. */
function madeBy(principal: NonNullable<AsyncEndpointsOptions["principal"]>): Settings["authorize"] {
  return async (request, job) => (await principal(request)) === job.headers?.[principalHeader]?.[0];
}

function readRoute(owner: string, route: RouteOptions, queue: Queue): RouteSettings {
  const read = readOptions(owner, route, {
    method: withDefault(oneOf("POST", "PUT", "PATCH", "DELETE"), "POST"),
    path: required(path("/api/summaries")),
    job: required(text({ max: 200 })),
    body: withDefault(oneOf("json", "text", "bytes", "none"), route?.method === "DELETE" ? "none" : "json"),
    accepts: list("content types", (each) => /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/.test(each)),
    maxBytes: withDefault(integer({ min: 1, max: queue.maxBytes }), queue.maxBytes),
    schema: accept<NonNullable<RouteOptions["schema"]>>("a Standard Schema", isSchema),
    headers: withDefault(
      list("names of headers", (each) => /^[\w!#$%&'*+.^`|~-]+$/.test(each)),
      [],
    ),
    idempotencyKeyRequired: withDefault(
      accept<boolean>("true or false", (value) => typeof value === "boolean"),
      false,
    ),
    options: callable<NonNullable<RouteOptions["options"]>>(),
    produces: withDefault(text(), queue.codec === json ? "application/json" : "application/octet-stream"),
    failures: withDefault(accept<Record<string, number>>("an object of statuses from 400 to 599 by error code", isFailures), {}),
  });
  if (read.body === "json" && queue.codec === bytes) {
    throw invalid(`${owner}.body`, `${owner}.body is "json", and the queue's codec takes bytes only: use "text" or "bytes".`);
  }
  if (read.body === "bytes" && queue.codec === json) {
    throw invalid(
      `${owner}.body`,
      `${owner}.body is "bytes", and the queue's codec is json: give the queue the codec \`bytes\`.`,
    );
  }
  if (read.body === "none" && read.schema !== undefined) {
    throw invalid(`${owner}.schema`, `${owner} has a schema and no body to check with it.`);
  }
  return {
    ...read,
    accepts: (read.accepts ?? defaultAccepts[read.body]).map((each) => each.toLowerCase()),
    headers: read.headers.map((each) => each.toLowerCase()),
    failures: new Map(Object.entries(read.failures)),
  };
}

function refuseDoubles(routes: readonly RouteSettings[]): void {
  const seen = new Map<string, RouteSettings>();
  for (const [index, route] of routes.entries()) {
    const field = `asyncEndpoints.routes[${index}]`;
    const place = `${route.method} ${route.path}`;
    if (seen.has(place)) throw invalid(field, `${field}: there is a route for ${place} already.`);
    seen.set(place, route);
    const same = routes.find((each) => each.job === route.job);
    if (same !== undefined && same.produces !== route.produces) {
      throw invalid(`${field}.produces`, `${field}.produces differs from that of another route for "${route.job}" jobs.`);
    }
  }
}

function path(example: string): Field<string> {
  return accept<string>(`a path such as "${example}", without a slash at its end`, isPath);
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && /^(?:\/[^/?#\s]+)+$/.test(value);
}

function list(what: string, passes: (each: string) => boolean): Field<readonly string[]> {
  return accept(
    `a list of ${what}`,
    (value) => Array.isArray(value) && value.every((each) => typeof each === "string" && passes(each)),
  );
}

function isQueue(value: unknown): boolean {
  const queue = value as Partial<Queue> | null;
  return typeof queue?.add === "function" && typeof queue.wait === "function" && queue.store !== undefined;
}

function isSchema(value: unknown): boolean {
  const schema = value as RouteOptions["schema"] | null;
  return typeof schema?.["~standard"]?.validate === "function";
}

function isFailures(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((status) => Number.isInteger(status) && status >= 400 && status <= 599);
}

function invalid(field: string, message: string): InvalidInputError {
  return new InvalidInputError("OPTION_INVALID", field, message);
}
