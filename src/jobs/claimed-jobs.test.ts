import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { JobStore, type NewJob } from "./index.ts";

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

const header = fc.dictionary(fc.constantFrom("accept", "x-a"), fc.array(fc.string()), { noNullPrototype: true });
const terms = fc.record(
  { priority: fc.integer({ min: -1, max: 1 }), timeoutMs: fc.nat(9), trace: fc.string({ minLength: 1 }), headers: header },
  { requiredKeys: [] },
);
const turn = { worker: "w", token: "t", finished: [], leaseMs: 30_000, resume: false, listed: false };

const payloads: readonly [string, boolean, fc.Arbitrary<Uint8Array | string>][] = [
  ["bytes", false, fc.uint8Array({ minLength: 1, maxLength: 1_100 }).map((bytes) => Buffer.from(bytes))],
  ["text", true, fc.string({ unit: "grapheme", minLength: 1 })],
];

test.each(payloads)(
  "plain jobs and those that have more to them are claimed in order, whole, as %s",
  async (_, text, payload) => {
    const job = fc.record({
      name: fc.constantFrom("n", "n", "m"),
      maxRetries: fc.constantFrom(3, 3, 0),
      terms: fc.oneof(fc.constant({}), terms),
      payload: fc.option(payload, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 30 }), fc.boolean(), async (added, fold) => {
        const store = new JobStore(redis, `q-${randomUUID()}`, { text, fold });
        const line = added.map(({ terms, ...job }, index): NewJob => ({ ...terms, ...job, id: `${index}` }));
        await store.createMany(line);
        const { jobs } = await store.step({ ...turn, want: 30 });
        const inLine = [...line].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
        const claimed = { status: "in-progress", workerId: "w", priority: 0 };
        expect(jobs).toMatchObject(inLine.map((each) => ({ ...claimed, ...each })));
      }),
      { numRuns: 80 },
    );
  },
);

test("a folded job that somebody spoilt keeps none of the others from being claimed", async () => {
  const store = new JobStore(redis, `q-${randomUUID()}`, { fold: true });
  await store.createMany(["a", "b", "c", "d"].map((id) => ({ id, name: "n", priority: id < "c" ? 0 : 1 })));
  const key = store.keys.plain;
  for (const [id, line] of Object.entries({ a: "\ud83d\udca3 not packed", b: "" })) {
    await redis.send(["HSET", key, id, line], { key, resend: "ok" });
  }
  const { jobs } = await store.step({ ...turn, want: 4 });
  expect(jobs.map(({ id, createdAt }) => [id, createdAt > 0])).toEqual([
    ["a", false],
    ["b", false],
    ["c", true],
    ["d", true],
  ]);
});

test("a job whose hash somebody spoilt keeps none of the others from being claimed", async () => {
  const store = new JobStore(redis, `q-${randomUUID()}`);
  await store.createMany(["a", "b", "c", "d"].map((id) => ({ id, name: "n", priority: id === "c" ? 1 : 0 })));
  for (const id of ["a", "c"]) {
    const key = store.keys.job + id;
    await redis.send(["HSET", key, "createdAt", "", "priority", ""], { key, resend: "ok" });
    await redis.send(["HDEL", key, "name", "maxRetries"], { key, resend: "ok" });
  }
  const { jobs } = await store.step({ ...turn, want: 4 });
  expect(jobs.map(({ id, name, createdAt }) => [id, name, createdAt > 0])).toEqual([
    ["a", "", false],
    ["b", "n", true],
    ["d", "n", true],
    ["c", "", false],
  ]);
});
