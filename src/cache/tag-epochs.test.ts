import { expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { startRedis } from "../testing/index.ts";
import { HybridCache } from "./index.ts";
import { TagEpochs } from "./tag-epochs.ts";

/** Epochs of which each asking is written down, and answered by its number. */
function asking(maxAgeMs: number): { readonly epochs: TagEpochs; readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async (tag: string): Promise<string> => String(asked.push(tag));
  return { epochs: new TagEpochs(ask, () => maxAgeMs), asked };
}

test("those who ask at the same moment share an answer, and who comes later asks again", async () => {
  const { epochs, asked } = asking(0);
  const both = await Promise.all([epochs.ahead("a"), epochs.ahead("a")]);
  expect(both.map((epoch) => epoch?.epoch)).toEqual(["1", "1"]);
  expect((await epochs.ahead("a"))?.epoch).toBe("2");
  expect(asked).toEqual(["a", "a"]);
});

test("an epoch that may be believed is not asked for ahead, until its tag is invalidated", async () => {
  const { epochs, asked } = asking(60_000);
  await epochs.ahead("a");
  expect(epochs.ahead("a")).toBeUndefined();
  epochs.drop("a");
  expect((await epochs.ahead("a"))?.epoch).toBe("2");
  expect(asked).toEqual(["a", "a"]);
});

test("without memory an entry and its epoch are asked for in one round trip", async () => {
  await using server = await startRedis();
  const redis = await connect(server.url);
  let sent = 0;
  const counted: RedisPort = {
    traits: redis.traits,
    send(command, options) {
      sent++;
      return redis.send(command, options);
    },
    batch: (...args) => redis.batch(...args),
    broadcast: (...args) => redis.broadcast(...args),
    subscribe: (...args) => redis.subscribe(...args),
    block: (...args) => redis.block(...args),
    close: () => redis.close(),
    [Symbol.asyncDispose]: () => redis.close(),
  };
  const cache = new HybridCache(counted, { memory: false });
  try {
    await cache.set("a", 1);
    sent = 0;
    const value = cache.get("a");
    // Both have left before anything was answered.
    expect(sent).toBe(2);
    expect(await value).toBe(1);
    expect(sent).toBe(2);
  } finally {
    await cache.stop();
    await redis.close();
  }
});
