import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { hasEnded, type StoredJob } from "../jobs/index.ts";
import { etagOf, viewOf } from "./job-view.ts";
import type { WaitingRoom } from "./patience.ts";
import type { Settings } from "./settings.ts";
import { unavailability } from "./unavailable.ts";

/** A job without what may be large. */
type Seen = Omit<StoredJob, "payload" | "result">;

/** A proxy takes a connection on which nothing comes for dead. */
const beatMs = 15_000;
/** No more events than somebody can follow; what changes meanwhile is told as one. */
const spacingMs = 100;
/** Redis is asked so often whether it is back. */
const againMs = 1_000;

/** Whether a client would rather be told of each change than be answered once. */
export function wantsEvents(c: Context): boolean {
  const supports = ["application/json", "text/event-stream"];
  return (
    c.req.method === "GET" && accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/event-stream"
  );
}

/**
 * A job as server-sent events (WHATWG HTML, section 9.2): how it is now, and each time that it has changed, until it has ended. The id
 * of an event is the ETag of what it tells, so a client that comes again is not told what it knows.
 */
export function eventsResponse(c: Context, settings: Settings, job: Seen, room: WaitingRoom): Response {
  const known = c.req.header("last-event-id");
  // An EventSource comes again whenever a stream ends. This is how it is told not to.
  if (hasEnded(job.status) && known === etagOf(viewOf(settings, job))) return new Response(null, { status: 204 });
  const leave = room.enter();
  const response = streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
    try {
      await stream.write(`retry: ${settings.retryAfterMs}\n\n`);
      // A client that finds no room is told how the job is, and comes again.
      await tell(stream, settings, leave === undefined ? [job] : changesOf(settings, c.req.raw, job.id, signal), known);
    } catch (error) {
      if (!signal.aborted) settings.onError(error, 500, c.req.raw);
    } finally {
      leave?.();
    }
  });
  // How its bytes travel is for the server to say, whose protocol may have no such header.
  for (const name of ["transfer-encoding", "connection"]) response.headers.delete(name);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("vary", "accept");
  // nginx would keep events until it has a buffer of them.
  response.headers.set("x-accel-buffering", "no");
  return response;
}

async function tell(
  stream: SSEStreamingApi,
  settings: Settings,
  changes: Iterable<Seen> | AsyncIterable<Seen | undefined>,
  lastId: string | undefined,
): Promise<void> {
  let known = lastId;
  for await (const job of changes) {
    const view = job === undefined ? undefined : viewOf(settings, job);
    const id = view === undefined ? known : etagOf(view);
    if (view === undefined || id === known) await stream.write(":\n\n");
    else await stream.writeSSE({ id: id as string, data: JSON.stringify(view) });
    known = id;
    if (view !== undefined && !hasEnded(view.status)) await pause(spacingMs);
  }
}

/**
 * How a job is, at each change, and `undefined` where a beat is due. While Redis is away there are beats; afterwards it goes on.
 *
 * @throws the signal's reason
 */
async function* changesOf(
  settings: Settings,
  request: Request,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Seen | undefined, void, undefined> {
  const endsAt = performance.now() + settings.maxStreamMs;
  let away = false;
  for (;;) {
    const leftMs = Math.ceil(endsAt - performance.now());
    if (leftMs <= 0) return;
    const changes = settings.queue.follow(id, { timeout: leftMs, signal });
    try {
      for await (const job of withBeats(changes)) {
        away = false;
        yield job;
      }
      return;
    } catch (error) {
      if (signal.aborted || unavailability(error) === undefined) throw error;
      if (!away) settings.onError(error, 503, request);
      away = true;
    }
    yield undefined;
    await pause(againMs, undefined, { signal });
  }
}

/** The same, with `undefined` whenever nothing came for a while. */
async function* withBeats<T>(items: AsyncGenerator<T, void, undefined>): AsyncGenerator<T | undefined, void, undefined> {
  try {
    let next = items.next();
    for (;;) {
      const stop = new AbortController();
      const beat = pause(beatMs, undefined, { signal: stop.signal });
      try {
        const first = await Promise.race([next, beat]);
        if (first?.done === true) return;
        yield first?.value;
        if (first !== undefined) next = items.next();
      } finally {
        stop.abort();
      }
    }
  } finally {
    await items.return();
  }
}
