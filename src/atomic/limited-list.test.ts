import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { ask, type OpenPlace, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import { appendToLimitedList, json } from "./index.ts";

const hour = 3_600_000;

describeList("over ioredis", servers.ioredis, 100);
describeList("over node-redis", servers["node-redis"], 10);
describeList("over memory:", servers["memory:"], 10);

/** @param runs how many random histories are played */
function describeList(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test("a limited list holds what an array would that is cut after each append", async () => {
      const step = fc.record({
        values: fc.array(fc.string({ maxLength: 2 }), { maxLength: 6 }),
        max: fc.integer({ min: 1, max: 6 }),
        overflow: fc.constantFrom("drop-oldest" as const, "drop-newest" as const, "reject" as const),
        ttl: fc.constantFrom("1h" as const, "2h" as const, "persist" as const),
      });
      let run = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { redis } = place;
        const key = `forever:${run++}`;
        let held: string[] = [];
        let hours = -2;
        for (const { values, ...options } of steps) {
          const { max, overflow, ttl } = options;
          const fits = held.length + values.length <= max;
          const reply = await appendToLimitedList(redis, key, values, options);
          if (overflow === "reject" && !fits) {
            expect(reply).toEqual({ appended: false, length: held.length });
          } else {
            const all = [...held, ...values];
            if (overflow === "drop-newest") held = [...held, ...values.slice(0, Math.max(0, max - held.length))];
            else held = overflow === "drop-oldest" ? all.slice(-max) : all;
            expect(reply).toEqual({ appended: true, length: held.length, dropped: all.length - held.length });
            if (held.length > 0) hours = ttl === "persist" ? -1 : Number.parseInt(ttl, 10);
          }
          expect(await ask(redis, "LRANGE", key, "0", "-1")).toEqual(held);
          const left = await ttlOf(redis, key);
          expect(left < 0 ? left : Math.ceil(left / hour)).toBe(hours);
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("ten thousand values are appended at once, in their order", async () => {
      const { redis } = place;
      const values = Array.from({ length: 10_000 }, (_, index) => index);
      const options = { max: 9_500, ttl: "1h", codec: json<number>() } as const;
      expect(await appendToLimitedList(redis, "l", values, options)).toEqual({ appended: true, length: 9_500, dropped: 500 });
      expect(await ask(redis, "LRANGE", "l", "0", "-1")).toEqual(values.slice(500).map(String));
    });

    test("200 callers at once drop exactly what is too much", async () => {
      const { redis } = place;
      const options = { max: 50, ttl: "1h" } as const;
      const all = Array.from({ length: 200 }, (_, index) => appendToLimitedList(redis, "l", `v${index}`, options));
      const dropped = (await Promise.all(all)).map((reply) => (reply.appended ? reply.dropped : 0));
      expect(dropped.filter((each) => each === 1)).toHaveLength(150);
      const rejecting = { ...options, overflow: "reject" } as const;
      const more = Array.from({ length: 200 }, () => appendToLimitedList(redis, "m", "v", rejecting));
      expect((await Promise.all(more)).filter(({ appended }) => appended)).toHaveLength(50);
    });

    test("a key that holds something else is refused and not touched", async () => {
      const { redis } = place;
      await ask(redis, "SET", "forever:text", "x");
      const attempt = appendToLimitedList(redis, "forever:text", "v", { max: 3, ttl: "1h" });
      expect(await refusal(attempt)).toMatchObject({ code: "WRONGTYPE" });
      expect(await ttlOf(redis, "forever:text")).toBe(-1);
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const redis = neverAsked;
  for (const [values, options, expected] of [
    ["v", { ttl: "1h" }, "OPTION_MISSING appendToLimitedList.max"],
    ["v", { max: 3 }, "OPTION_MISSING appendToLimitedList.ttl"],
    ["v", { max: 3, ttl: "keep" }, "OPTION_INVALID appendToLimitedList.ttl"],
    ["v", { max: 3, ttl: "1h", overflow: "drop-last" }, "OPTION_INVALID appendToLimitedList.overflow"],
    [["v", 7], { max: 3, ttl: "1h" }, "INPUT_INVALID values[1]"],
    [Array.from({ length: 10_001 }, () => "v"), { max: 3, ttl: "1h" }, "INPUT_INVALID values"],
  ] as const) {
    const attempt = appendToLimitedList(redis, "k", values as never, options as never);
    const { code, field } = (await refusal(attempt)) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
