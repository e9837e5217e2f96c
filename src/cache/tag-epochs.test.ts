import { expect, test } from "vitest";
import { connect } from "../client/index.ts";
import { startRedis } from "../testing/index.ts";
import { altered } from "./fixtures/index.ts";
import { HybridCache } from "./index.ts";
import { MemoryTier } from "./memory-tier.ts";
import { type Epoch, TagEpochs } from "./tag-epochs.ts";

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

test("what is bound to an epoch that was forgotten, or dropped while it was asked for, does not stand in", async () => {
  const { epochs } = asking(60_000);
  const values = new MemoryTier({ entries: 2, bytes: 1_000 });
  const keep = (key: string, bound: readonly Epoch[]): void => {
    const until = performance.now() + 3_600_000;
    values.put(key, { value: 1, freshUntil: until, staleUntil: until, stale: false, epochs: bound, answer: undefined }, 1);
  };
  keep("forgotten", await epochs.take(["t"]));
  expect(values.fallback("forgotten")).toBeDefined();
  await epochs.take(Array.from({ length: 10_000 }, (_, index) => `other-${index}`));
  epochs.drop("t");
  expect(values.fallback("forgotten")).toBeUndefined();

  const asked = epochs.take(["t"]);
  epochs.drop("t");
  keep("asked", await asked);
  expect(values.fallback("asked")).toBeUndefined();
});

test("what is bound to no tag that is known ends with any, and when nothing is known any more", () => {
  const { epochs } = asking(60_000);
  for (const end of [() => epochs.drop("t"), () => epochs.flush()]) {
    const { unbound } = epochs;
    expect(unbound).toMatchObject({ validUntil: Number.POSITIVE_INFINITY, replaced: false });
    end();
    expect(unbound).toMatchObject({ validUntil: Number.NEGATIVE_INFINITY, replaced: true });
  }
});

test("without memory an entry and its epoch are asked for in one round trip", async () => {
  await using server = await startRedis();
  const redis = await connect(server.url);
  let sent = 0;
  const counted = altered(redis, {
    send(command, options) {
      sent++;
      return redis.send(command, options);
    },
  });
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
