import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { JobStore } from "./index.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** The same queue, as a process sees it that keeps its jobs for long, and as one that does not. */
function twoStores(): { readonly long: JobStore; readonly short: JobStore } {
  const name = `q-${randomUUID()}`;
  const of = (age: "1s" | "7d"): JobStore => new JobStore(redis, name, { keepCompleted: { age }, keepFailed: { age } });
  return { long: of("7d"), short: of("1s") };
}

async function claimed(store: JobStore): Promise<{ readonly id: string; readonly token: string }> {
  await store.create({ name: "n" });
  const claim = await store.claimNext({ worker: "w" });
  if (claim === undefined) throw new Error("There is no job to take.");
  return { id: claim.job.id, token: claim.token };
}

const ends: readonly [string, "done" | "dead", (store: JobStore) => Promise<unknown>][] = [
  ["completed", "done", async (store) => store.complete(await claimed(store))],
  ["canceled", "done", async (store) => store.cancel((await claimed(store)).id)],
  ["buried", "dead", async (store) => store.fail(await claimed(store), new Error("no"), "never")],
];

test.each(ends)(
  "where jobs that were %s are listed lives as long as the last of them, whoever ended another since",
  async (_, set, end) => {
    const { long, short } = twoStores();
    await end(long);
    await end(short);
    const livesFor = (await redis.send(["PTTL", long.keys[set]], { resend: "ok" })) as number;
    expect(livesFor).toBeGreaterThan(6 * 86_400_000);
    expect((await long.list(set)).total).toBe(2);
  },
);

test.each([
  ["ready", true],
  ["fresh", false],
])("a full Redis has room again when the time of what has ended is up, although other jobs are %s", async (_, chosen) => {
  const full = await startRedis();
  const port = await connect(full.url);
  onTestFinished(async () => {
    await port.close();
    await full.stop();
  });
  const clock = { now: 1_700_000_000_000 };
  const store = new JobStore(port, "q", { fold: true, now: () => clock.now, keepCompleted: { age: "1m" } });
  const turn = { worker: "w", finished: [], leaseMs: 30_000, resume: false, listed: false };
  const work = { name: "n", payload: "x".repeat(1_000) };
  const added = await store.createMany(Array.from({ length: 201 }, (_, place) => (chosen ? { ...work, id: `${place}` } : work)));
  const { jobs } = await store.step({ ...turn, token: "a", want: 200 });
  const finished = jobs.map(({ id }) => ({ id, token: "a", outcome: "completed" as const }));
  await store.step({ ...turn, token: "b", want: 0, finished });
  await port.send(["CONFIG", "SET", "maxmemory", "1"], { resend: "ok" });
  await expect(store.step({ ...turn, token: "c", want: 1 })).rejects.toMatchObject({ code: "OOM", applied: "no" });
  expect(await store.stats()).toMatchObject({ queued: 1, completed: 200 });
  clock.now += 60_000;
  expect(await store.step({ ...turn, token: "d", want: 1 })).toMatchObject({ jobs: [{ id: added[200]?.id }] });
  expect(await store.list("done")).toEqual({ total: 0, jobs: [] });
});
