import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
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
