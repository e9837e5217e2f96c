import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { next } from "./fixtures/index.ts";
import { HybridCache } from "./index.ts";

let server: RedisServer;
let ports: readonly [RedisPort, RedisPort];

beforeAll(async () => {
  server = await startRedis();
  ports = [await connect(server.url), await connect(server.url)];
});
afterAll(async () => {
  await Promise.all((ports ?? []).map((port) => port.close()));
  await server?.stop();
});

interface Entry {
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly grace: boolean;
  stale: boolean;
  /** Its tag was invalidated: Redis has it, and nobody reads it. */
  dead: boolean;
}

const key = fc.constantFrom("a", "b", "c", "{d}");
const tags = fc.subarray(["red", "blue"]);
// As JSON tells it: -0 is 0 there, and a memory tier that hands out the very value would keep it.
const value = fc.oneof(
  fc.json().map((text) => JSON.parse(text) as unknown),
  fc.constant(undefined),
  fc.constant(null),
);
const by = fc.constantFrom(0, 1);
const grace = fc.boolean();
const step = fc.oneof(
  fc.record({ do: fc.constant("set" as const), by, key, value, tags, grace }),
  fc.record({ do: fc.constant("getOrSet" as const), by, key, value, tags, grace, fails: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lookup" as const), by, key }) },
  fc.record({ do: fc.constantFrom("remove" as const, "expire" as const), by, key }),
  fc.record({ do: fc.constant("tag" as const), by, tag: fc.constantFrom("red", "blue") }),
  fc.record({ do: fc.constant("clear" as const), by }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const boom = new Error("boom");
const json = (of: unknown): unknown => (of == null ? of : JSON.parse(JSON.stringify(of)));

/** What the caches together should hold, and what a step should answer. */
function expected(model: Map<string, Entry>, step: Step): unknown {
  const live = (key: string): Entry | undefined => (model.get(key)?.dead ? undefined : model.get(key));
  switch (step.do) {
    case "set":
      model.set(step.key, { value: json(step.value), tags: step.tags, grace: step.grace, stale: false, dead: false });
      return undefined;
    case "getOrSet": {
      const entry = live(step.key);
      if (entry !== undefined && !entry.stale) return entry.value;
      if (step.fails) return entry !== undefined && step.grace ? entry.value : boom;
      model.set(step.key, { value: json(step.value), tags: step.tags, grace: step.grace, stale: false, dead: false });
      return step.value;
    }
    case "lookup": {
      const entry = live(step.key);
      return entry === undefined ? "miss" : [entry.stale ? "stale" : "hit", entry.value];
    }
    case "remove":
      return model.delete(step.key);
    case "expire": {
      const entry = model.get(step.key);
      if (entry === undefined) return false;
      if (entry.grace) entry.stale = true;
      else model.delete(step.key);
      return true;
    }
    case "tag":
      for (const entry of model.values()) if (entry.tags.includes(step.tag)) entry.dead = true;
      return undefined;
    case "clear":
      for (const entry of model.values()) entry.dead = true;
      return undefined;
  }
}

async function actual(cache: HybridCache, step: Step): Promise<unknown> {
  switch (step.do) {
    case "set":
      return await cache.set(step.key, step.value, { tags: step.tags, failSafe: step.grace ? "1h" : 0 });
    case "getOrSet": {
      const load = (): unknown => {
        if (step.fails) throw boom;
        return step.value;
      };
      const options = { tags: step.tags, failSafe: step.grace ? ("1h" as const) : 0, throttle: 0 };
      return await cache.getOrSet(step.key, load, options).catch((error: unknown) => error);
    }
    case "lookup": {
      const found = await cache.lookup(step.key);
      return found.outcome === "miss" ? "miss" : [found.outcome, found.value];
    }
    case "remove":
    case "expire":
      return await cache[step.do](step.key);
    case "tag":
      return await cache.invalidateTag(step.tag);
    case "clear":
      return await cache.clear();
  }
}

test.each([
  ["with memory", {}],
  ["without memory", { memory: false as const }],
])("two caches do as one map does, once they have heard of each other's changes: %s", { timeout: 30_000 }, async (_, options) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), async (steps) => {
      const prefix = randomUUID();
      const caches = ports.map((port) => new HybridCache(port, { prefix, beta: 0, ...options }));
      await Promise.all(caches.map((cache) => cache.start()));
      const model = new Map<string, Entry>();
      try {
        for (const each of steps) {
          const [cache, other] = [caches[each.by] as HybridCache, caches[1 - each.by] as HybridCache];
          const tells = each.do !== "lookup" && each.do !== "getOrSet";
          const heard = tells ? next(other, "invalidated") : undefined;
          expect(await actual(cache, each)).toEqual(expected(model, each));
          await heard;
        }
        for (const name of ["a", "b", "c", "{d}"] as const) {
          const look: Step = { do: "lookup", by: 0, key: name };
          for (const cache of caches) expect(await actual(cache, look)).toEqual(expected(model, look));
        }
      } finally {
        await Promise.all(caches.map((cache) => cache.stop()));
      }
    }),
    { numRuns: 30 },
  );
});
