import { channel } from "node:diagnostics_channel";
import { connect, type RedisPort } from "redlua/client";
import type { JobStore, JobStoreOptions, StepRequest } from "redlua/jobs";
import type { ScriptEvent } from "redlua/script";
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "redlua/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, placeInLine, type QueueState, seed, stateOf, storeAt } from "./job-queue.ts";

/**
 * One transition of a queue's state.
 *
 * @public
 */
export interface Transition {
  /** Name of the script that makes it. */
  readonly script: string;
  readonly before: QueueState;
  /** `again` after a reply was lost. */
  readonly call: (store: JobStore, again: boolean) => Promise<unknown>;
  readonly reply: unknown;
  /** The whole state after it. @default as before */
  readonly after?: QueueState;
  /** What the call answers that was made again, if it is not the same. */
  readonly replyAgain?: unknown;
  readonly options?: JobStoreOptions;
}

/**
 * Makes two tests of each transition: played undisturbed, and played with its reply lost and the call made again.
 *
 * @public
 */
export function testTransitions(transitions: Readonly<Record<string, Transition>>): void {
  let server: RedisServer;
  let proxy: FaultProxy;
  let redis: RedisPort;
  let proxied: RedisPort;

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startFaultProxy({ target: server });
    [redis, proxied] = await Promise.all([connect(server.url), connect(proxy.url)]);
  });
  afterAll(async () => {
    await Promise.all([redis.close(), proxied.close(), proxy.close()]);
    await server.stop();
  });

  describe.each(Object.entries(transitions))("%s", (_, { script, before, call, reply, after, replyAgain, options }) => {
    test("and nothing else", async () => {
      const store = storeAt(redis, undefined, options);
      await seed(store, before);
      const { answer, ran } = await watched(() => call(store, false));
      expect(answer).toEqual(reply);
      expect(await stateOf(store)).toEqual(after ?? before);
      expect(ran).toEqual([`jobs.${script}`]);
    });

    test("once, although its reply is lost", async () => {
      const store = storeAt(proxied, undefined, options);
      await seed(store, before);
      const dropped = proxy.dropNextReply({ of: (words) => words[0]?.startsWith("EVALSHA") === true });
      // What may be sent again is, by the client; the rest fails, and its caller calls again.
      const answer = await call(store, false).catch((error: { readonly applied?: string }) => {
        expect(error).toMatchObject({ applied: "maybe" });
        return call(store, true);
      });
      await dropped;
      expect(answer).toEqual(replyAgain ?? reply);
      expect(await stateOf(store)).toEqual(after ?? before);
    });
  });
}

/** Does something, and hears the names of the scripts that run meanwhile. */
async function watched(work: () => Promise<unknown>): Promise<{ readonly answer: unknown; readonly ran: readonly string[] }> {
  const ran = new Set<string>();
  const hear = (event: unknown): void => {
    const { script } = event as ScriptEvent;
    // What a test before this one left behind may still be extended in this process: a lock.
    if (script.startsWith("jobs.")) ran.add(script);
  };
  const runs = channel("redlua:script:run");
  runs.subscribe(hear);
  try {
    return { answer: await work(), ran: [...ran] };
  } finally {
    runs.unsubscribe(hear);
  }
}

/**
 * Time stamps of what happens now.
 *
 * @public
 */
export const now: string = String(noon);

/**
 * A job that waits; `more` fields win.
 *
 * @public
 */
export function queued(id: string, more: object = {}): Record<string, unknown> {
  const order = String(placeInLine(0));
  return { id, name: "n", status: "queued", createdAt: "1", lastUpdatedAt: "1", order, maxRetries: "1", ...more };
}

/**
 * A job that worker `w` runs under token `t`.
 *
 * @public
 */
export function running(id: string, more: object = {}): Record<string, unknown> {
  return queued(id, { status: "in-progress", workerId: "w", token: "t", startedAt: "1", ...more });
}

/**
 * A dead letter.
 *
 * @public
 */
export function dead(id: string, more: object = {}): Record<string, unknown> {
  return queued(id, { status: "failed", token: "t", startedAt: "1", completedAt: "5", ...more });
}

/**
 * One turn of worker `w2` under token `t2`.
 *
 * @public
 */
export function turn(request: Partial<StepRequest>): Transition["call"] {
  const usual = { worker: "w2", token: "t2", finished: [], want: 0, leaseMs: 30_000, listed: false };
  return (store, again) => store.step({ ...usual, resume: again, ...request });
}
