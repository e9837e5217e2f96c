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
  refuseDoubles(routes, read.jobsPath);
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

function refuseDoubles(routes: readonly RouteSettings[], jobsPath: string): void {
  const seen: Pick<RouteSettings, "method" | "path">[] = [{ method: "DELETE", path: `${jobsPath}/:id` }];
  for (const [index, route] of routes.entries()) {
    const field = `asyncEndpoints.routes[${index}]`;
    const { method, path, job } = route;
    const former = seen.find((each) => each.method === method && covers(each.path, path));
    if (former?.path === path) throw invalid(field, `${field}: there is a route for ${method} ${path} already.`);
    if (former !== undefined) {
      throw invalid(field, `${field}: ${method} ${path} is never reached, because ${method} ${former.path} comes before it.`);
    }
    seen.push(route);
    for (const same of routes.slice(0, index).filter((each) => each.job === job)) {
      const odds = same.produces === route.produces ? differing(same.failures, route.failures) : "produces";
      if (odds === undefined) continue;
      throw invalid(`${field}.${odds}`, `${field}.${odds} differs from that of another route for "${job}" jobs.`);
    }
  }
}

/** Whether whatever goes to the path of a later route goes to that of a former one. */
function covers(former: string, later: string): boolean {
  const [segments, others] = [former.split("/"), later.split("/")];
  if (segments.length !== others.length) return false;
  return segments.every((each, index) => each === others[index] || (/^:\w+$/.test(each) && others[index] !== "*"));
}

/** A job does not know which of its routes made it, so that all of them must say the same of an error. */
function differing(former: RouteSettings["failures"], later: RouteSettings["failures"]): string | undefined {
  const code = [...later.keys()].find((each) => former.has(each) && former.get(each) !== later.get(each));
  return code === undefined ? undefined : `failures.${code}`;
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
  return typeof queue?.add === "function" && typeof queue.wait === "function" && Array.isArray(queue.stores);
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
