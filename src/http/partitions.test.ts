import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { acceptedOf, apiOver } from "./fixtures/index.ts";

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

test("endpoints over a queue in partitions find each job, wait for it, tell of it, and make it once", async () => {
  const { post, ask, queue } = apiOver(redis, [{}], {}, { partitions: 3 });
  const accepted = [];
  for (let n = 0; n < 12; n++) accepted.push(await acceptedOf(await post("/things", { n }, { "idempotency-key": `"key-${n}"` })));
  const lengths = await Promise.all(queue.stores.map(async (store) => (await store.stats()).queued));
  expect([Math.min(...lengths) > 0, lengths.reduce((sum, length) => sum + length, 0)]).toEqual([true, 12]);

  const again = await acceptedOf(await post("/things", { n: 4 }, { "idempotency-key": '"key-4"' }));
  expect(again.id).toBe(accepted[4]?.id);
  const told = await Promise.all(
    accepted.slice(0, 6).map(({ links }) => ask(links.self, { headers: { accept: "text/event-stream" } })),
  );
  const held = accepted.map(({ links }) => ask(links.result, { headers: { prefer: "wait=10" } }));

  await using worker = new Worker(queue, async ({ payload }) => payload);
  await worker.start();
  const results = await Promise.all((await Promise.all(held)).map(async (response) => [response.status, await response.json()]));
  expect(results).toEqual(accepted.map((_, n) => [200, { n }]));
  for (const stream of told) expect(await stream.text()).toContain('"status":"completed"');
  expect((await ask("/jobs/unknown")).status).toBe(404);
});
