import type { RedisPort } from "../client/index.ts";
import { prefixed } from "../script/index.ts";
import { hasEnded, type JobStatus } from "./job.ts";
import { type JobKeys, jobChannel } from "./keys.ts";

/** Messages can be lost when a connection is; so a waiting caller looks again after so long. */
const lookAgainMs = 5_000;

/** What waiting needs of a store. */
interface Watched {
  readonly redis: RedisPort;
  readonly keys: JobKeys;
  watch(id: string): Promise<JobStatus | "unknown">;
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
  const bell = new Bell();
  const channel = prefixed(store.redis.traits.prefix, jobChannel(store.keys, id));
  const unsubscribe = await store.redis.subscribe(channel, { message: () => bell.ring(), restored: () => bell.ring() });
  const onAbort = (): void => bell.ring();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      const status = await store.watch(id);
      signal?.throwIfAborted();
      const leftMs = endsAt - performance.now();
      if (isOver(status) || leftMs <= 0) return status;
      await bell.rung(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await unsubscribe();
  }
}

function isOver(status: JobStatus | "unknown"): boolean {
  return status === "unknown" || hasEnded(status);
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
