import { isDeepStrictEqual } from "node:util";
import type { RedisPort } from "../client/index.ts";
import { Bell } from "../core/index.ts";
import { prefixed } from "../script/index.ts";
import { hasEnded, type JobStatus, type StoredJob } from "./job.ts";
import { type JobKeys, jobChannel } from "./keys.ts";

/** Messages can be lost when a connection is; so a waiting caller looks again after so long. */
const lookAgainMs = 5_000;

/** What listening to a job needs of its store. */
interface Watched {
  readonly redis: RedisPort;
  readonly keys: JobKeys;
  watch(id: string, options?: { readonly closely?: boolean }): Promise<JobStatus | "unknown">;
}

/** What following a job needs of its store. */
interface Followed extends Watched {
  peek(id: string): Promise<StoredJob | undefined>;
}

/**
 * Waits until a job has ended, or the time is up, and answers how it stands then.
 *
 * The channel is listened to before the job is looked at, so its end cannot fall in between.
 *
 * @throws the signal's reason, if it fires
 */
export async function waitForEnd(
  store: Watched,
  id: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<JobStatus | "unknown"> {
  signal?.throwIfAborted();
  const now = await store.watch(id);
  if (isOver(now) || timeoutMs === 0) return now;
  const endsAt = performance.now() + timeoutMs;
  const { bell, leave } = await listenTo(store, id, signal);
  try {
    for (;;) {
      const status = await store.watch(id);
      signal?.throwIfAborted();
      const leftMs = endsAt - performance.now();
      if (isOver(status) || leftMs <= 0) return status;
      await bell.rung(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    await leave();
  }
}

/**
 * Tells how a job is now, and each time that it has changed, until it has ended, is gone, or the time is up. Changes that
 * follow each other faster than they are asked for are told as one.
 *
 * @throws the signal's reason, if it fires
 */
export async function* follow(
  store: Followed,
  id: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredJob, void, undefined> {
  signal?.throwIfAborted();
  const endsAt = performance.now() + timeoutMs;
  const { bell, leave } = await listenTo(store, id, signal);
  let last: StoredJob | undefined;
  try {
    for (;;) {
      // In this order, in one round trip: what changes after the look is heard.
      const [, job] = await Promise.all([store.watch(id, { closely: true }), store.peek(id)]);
      signal?.throwIfAborted();
      if (job === undefined) return;
      if (!isDeepStrictEqual(job, last)) yield job;
      if (hasEnded(job.status)) return;
      last = job;
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) return;
      await bell.rung(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    await leave();
  }
}

function isOver(status: JobStatus | "unknown"): boolean {
  return status === "unknown" || hasEnded(status);
}

/** A bell that rings at each message about a job, when messages may have been lost, and when the signal fires; and how to stop. */
async function listenTo(
  { redis, keys }: Watched,
  id: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly bell: Bell; readonly leave: () => Promise<void> }> {
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const channel = prefixed(redis.traits.prefix, jobChannel(keys, id));
  const unsubscribe = await redis.subscribe(channel, { message: ring, restored: ring });
  signal?.addEventListener("abort", ring, { once: true });
  const leave = async (): Promise<void> => {
    signal?.removeEventListener("abort", ring);
    await unsubscribe();
  };
  return { bell, leave };
}
