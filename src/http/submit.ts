import { randomId, toMs } from "../core/index.ts";
import { type AddOptions, type Job, JobTooLargeError, type StoredJob } from "../jobs/index.ts";
import { checkContentType, readBody, readText } from "./body.ts";
import { checkFingerprint, fingerprintHeader, fingerprintOf, jobIdOf, readIdempotencyKey } from "./idempotency.ts";
import { linksOf, plainHeaders, resultResponse, retryAfterOf } from "./job-view.ts";
import { readJson } from "./json-body.ts";
import type { Patience, WaitingRoom } from "./patience.ts";
import { problem } from "./problem.ts";
import { keptHeaders, readQuery, traceOf } from "./request-context.ts";
import { validate } from "./schema.ts";
import { principalHeader, type RouteSettings, type Settings } from "./settings.ts";
import { submissionUnavailable, unavailability } from "./unavailable.ts";

/** A job about to be added, with what a later request of the same key is compared by. */
interface Draft {
  readonly id: string;
  readonly payload: unknown;
  readonly options: AddOptions;
  /** There is one if the request has an Idempotency-Key. */
  readonly fingerprint: string | undefined;
}

/** Takes requests of one route: checks them whole, then adds a job, then answers 202, or the result if it may wait. */
export class Submitter {
  readonly #settings: Settings;
  readonly #route: RouteSettings;
  readonly #room: WaitingRoom;

  constructor(settings: Settings, route: RouteSettings, room: WaitingRoom) {
    this.#settings = settings;
    this.#route = route;
    this.#room = room;
  }

  async submit(request: Request, routeParams: Readonly<Record<string, string>>): Promise<Response> {
    const draft = await this.#draftSafely(request, routeParams);
    const { job, replayed } = await this.#add(draft);
    const patience = this.#room.patienceFor(request);
    const headers = { ...patience.headers, ...(replayed ? { "idempotency-replayed": "true" } : {}) };
    const ended = await this.#wait(request, draft.id, patience);
    if (ended === undefined) return this.#accepted(job, headers);
    const location = { "content-location": linksOf(this.#settings, draft.id).result };
    return resultResponse(this.#settings, request, ended, { ...headers, ...location });
  }

  /** A hook may ask Redis as well, and find it away: then no job was made. */
  async #draftSafely(request: Request, routeParams: Readonly<Record<string, string>>): Promise<Draft> {
    try {
      return await this.#draft(request, routeParams);
    } catch (error) {
      if (unavailability(error) === undefined) throw error;
      throw submissionUnavailable(error, retryAfterOf(this.#settings), { applied: "no", self: "", keyed: false });
    }
  }

  async #draft(request: Request, routeParams: Readonly<Record<string, string>>): Promise<Draft> {
    const { principal: whoAsks, admit, secret } = this.#settings;
    const route = this.#route;
    const principal = await whoAsks?.(request);
    if (admit !== undefined && !(await admit(request))) {
      throw problem("too-many-requests", "Try again later.", { headers: { "retry-after": retryAfterOf(this.#settings) } });
    }
    const key = readIdempotencyKey(request);
    if (key === undefined && route.idempotencyKeyRequired) {
      throw problem("idempotency-key-missing", "Send a fresh one for each new job, and the same one when you try again.");
    }
    const headers = keptHeaders(request, route.headers);
    const queryParams = readQuery(request);
    const body = await this.#readBody(request);
    const payload = await this.#payloadOf(body);
    const fingerprint = key === undefined ? undefined : fingerprintOf(request, body);
    const submission = { request, payload, routeParams, queryParams, principal };
    const own = {
      ...(principal === undefined ? {} : { [principalHeader]: [principal] }),
      ...(fingerprint === undefined ? {} : { [fingerprintHeader]: [fingerprint] }),
    };
    const scope = { route: `${route.method} ${route.path}`, principal };
    return {
      id: key === undefined ? randomId() : jobIdOf(scope, key, secret),
      payload,
      fingerprint,
      options: {
        ...route.options?.(submission),
        headers: ifAny({ ...headers, ...own }),
        routeParams: ifAny(routeParams),
        queryParams: ifAny(queryParams),
        trace: traceOf(request),
      },
    };
  }

  async #readBody(request: Request): Promise<Uint8Array> {
    const { body: kind, accepts, maxBytes } = this.#route;
    if (kind === "none") {
      const body = await readBody(request, maxBytes);
      if (body.byteLength > 0) throw problem("unexpected-body", "Send it without one.");
      return body;
    }
    checkContentType(request, accepts);
    const body = await readBody(request, maxBytes);
    if (body.byteLength === 0) throw problem("empty-body", `Send ${kind === "json" ? "JSON" : "something"} in it.`);
    return body;
  }

  async #payloadOf(body: Uint8Array): Promise<unknown> {
    const { body: kind, schema } = this.#route;
    if (kind === "none") return undefined;
    const value = kind === "bytes" ? body : kind === "text" ? readText(body, true) : readJson(readText(body, false));
    return schema === undefined ? value : await validate(schema, value);
  }

  /** Adds the job, unless one of its id is there: by the same key, so it must be for the same request. */
  async #add(
    draft: Draft,
  ): Promise<{ readonly job: Pick<Job, "id" | "name" | "status" | "retryDelayUntil">; readonly replayed: boolean }> {
    const { queue } = this.#settings;
    const { id, payload, options, fingerprint } = draft;
    const name = this.#route.job;
    try {
      const { created } = await queue.add(name, payload, { ...options, id });
      // Without a key the id is a random one of our own: if it is there, this very call made it, and its first reply was lost.
      if (!created && fingerprint !== undefined) {
        const before = await queue.storeOf(id).peek(id);
        // One that was there and is gone again had ended long ago: the key has expired with it, between two commands.
        if (before === undefined) return await this.#add(draft);
        checkFingerprint(before, fingerprint);
        return { job: before, replayed: true };
      }
      const now = Date.now();
      const due = Number(options.runAt ?? now + toMs(options.delay ?? 0, "delay"));
      const delayed = due > now;
      const job = { id, name, status: delayed ? "scheduled" : "queued", retryDelayUntil: delayed ? due : undefined } as const;
      return { job, replayed: false };
    } catch (error) {
      // As the codec writes it, it may be larger than it came: every quote and line of a text has two bytes in JSON.
      if (error instanceof JobTooLargeError) {
        const detail = `To be kept it takes ${error.size} bytes, and ${error.limit} are the most.`;
        throw problem("body-too-large", detail, { members: { maxBytes: error.limit } });
      }
      const away = unavailability(error);
      if (away === undefined) throw error;
      const facts = { applied: away.applied, self: linksOf(this.#settings, id).self, keyed: fingerprint !== undefined };
      throw submissionUnavailable(error, retryAfterOf(this.#settings), facts);
    }
  }

  /** The job, if the client may wait and it ends meanwhile. */
  async #wait(request: Request, id: string, { waitMs }: Patience): Promise<StoredJob | undefined> {
    if (waitMs === 0) return undefined;
    try {
      const job = await this.#room.waitFor(request, id, waitMs, "result");
      return job?.completedAt === undefined ? undefined : job;
    } catch (error) {
      // The job is made, whatever has happened to the connection since.
      if (unavailability(error) !== undefined) return undefined;
      throw error;
    }
  }

  #accepted(job: Pick<Job, "id" | "name" | "status" | "retryDelayUntil">, headers: Record<string, string>): Response {
    const links = linksOf(this.#settings, job.id);
    const { id, name, status } = job;
    return new Response(JSON.stringify({ id, name, status, links }), {
      status: 202,
      headers: { ...plainHeaders, ...headers, location: links.self, "retry-after": retryAfterOf(this.#settings, job) },
    });
  }
}

function ifAny<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
