import { prefixed } from "../script/index.ts";
import type { StoredJob } from "./job.ts";
import type { JobStore } from "./job-store.ts";
import { jobChannel } from "./keys.ts";

/** Messages can be lost when a connection is; so a waiting caller looks again after so long. */
const lookAgainMs = 5_000;

/**
 * Waits until a job is what the caller wants it to be, or the time is up, and answers it as it is then.
 *
 * The channel is listened to before the job is read, so its end cannot fall in between.
 *
 * @returns the job, or `undefined` if there is none, or none any more
 * @throws the signal's reason, if it fires
 */
export async function waitForEnd(
  store: JobStore,
  id: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  enough: (job: StoredJob) => boolean,
): Promise<StoredJob | undefined> {
  signal?.throwIfAborted();
  const now = await store.get(id);
  if (now === undefined || enough(now) || timeoutMs === 0) return now;
  const endsAt = performance.now() + timeoutMs;
  const bell = new Bell();
  const channel = prefixed(store.redis.traits.prefix, jobChannel(store.keys, id));
  const unsubscribe = await store.redis.subscribe(channel, { message: () => bell.ring(), restored: () => bell.ring() });
  const onAbort = (): void => bell.ring();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      const job = await store.watch(id);
      signal?.throwIfAborted();
      const leftMs = endsAt - performance.now();
      if (job === undefined || enough(job) || leftMs <= 0) return job;
      await bell.rung(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await unsubscribe();
  }
}

/** Remembers that it was rung, so a ring that nobody waits for is not missed. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves when it is rung, was rung since the last call, or the time is up. */
  async rung(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
  }
}
