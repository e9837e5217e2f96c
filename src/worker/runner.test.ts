import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect } from "../client/index.ts";
import { fromHash, type Job, Queue } from "../jobs/index.ts";
import { HeldJob } from "./held-job.ts";
import { Runner } from "./runner.ts";

// Nothing is sent: jobs are handed over by hand.
const redis = await connect("memory:");
const queue = new Queue(redis, "q");

afterAll(() => redis.close());
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A runner whose handler answers what `answer` does, and what it has told: the ids of jobs with the code of their error. */
function runnerOf(
  answer: () => unknown,
  timeoutMs: number,
): { runner: Runner; start: (id: string, own?: number) => HeldJob; told: unknown[] } {
  const told: unknown[] = [];
  const held = new Set<HeldJob>();
  const runner = new Runner({
    ...{ queue, backoff: () => 0, findHandler: () => answer, timeoutMs, held, progress: async () => true },
    over: (job, error) => {
      held.delete(job);
      told.push([job.job.id, (error as { code?: string } | undefined)?.code]);
    },
  });
  const start = (id: string, own?: number): HeldJob => {
    const job = fromHash({ id, name: "n", ...(own === undefined ? {} : { timeoutMs: String(own) }) }) as Job;
    const each = new HeldJob(job, { token: "t", claimedUntil: 0, leaseEndsAt: 0 });
    held.add(each);
    runner.start(each);
    return each;
  };
  return { runner, start, told };
}

const forever = (): Promise<void> => new Promise(() => {});

test.each([20, 1_000, 1_001, 60_000])("an attempt that may take %i ms is ended then, and not before", async (timeoutMs) => {
  const { start, told } = runnerOf(forever, timeoutMs);
  start("a");
  await vi.advanceTimersByTimeAsync(timeoutMs - 1);
  start("b");
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual([["a", "JOB_TIMEOUT"]]);
  await vi.advanceTimersByTimeAsync(timeoutMs - 1);
  expect(told).toEqual([
    ["a", "JOB_TIMEOUT"],
    ["b", "JOB_TIMEOUT"],
  ]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(vi.getTimerCount()).toBe(0);
});

test("what a job says of its time goes before what the worker says: less, more, and for as long as it takes", async () => {
  const { start, told } = runnerOf(forever, 5_000);
  start("less", 2_000);
  start("more", 9_000);
  start("ever", 0);
  await vi.advanceTimersByTimeAsync(8_999);
  expect(told).toEqual([["less", "JOB_TIMEOUT"]]);
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(told).toEqual([
    ["less", "JOB_TIMEOUT"],
    ["more", "JOB_TIMEOUT"],
  ]);
});

test("attempts that end soon have no timers of their own, and a runner that is stopped has none", async () => {
  const { runner, start, told } = runnerOf(async () => 1, 60_000);
  for (let n = 0; n < 100; n++) start(`${n}`);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([told.length, vi.getTimerCount()]).toEqual([100, 0]);
  start("last");
  runner.stop();
  expect(vi.getTimerCount()).toBe(0);
});
