import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { ask, type OpenPlace, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import {
  bytes,
  getAndExtendExpiration,
  incrementWithExpiration,
  json,
  setIfExists,
  setIfNotExists,
  type Ttl,
  ValueError,
} from "./index.ts";

const hour = 3_600_000;

/** The TTL in whole hours; -1 for ever, -2 if there is no key. */
async function hoursLeft(redis: Parameters<typeof ttlOf>[0], key: string): Promise<number> {
  const ttl = await ttlOf(redis, key);
  return ttl < 0 ? ttl : Math.ceil(ttl / hour);
}

describeStrings("over ioredis", servers.ioredis, 50);
describeStrings("over node-redis", servers["node-redis"], 5);
describeStrings("over memory:", servers["memory:"], 5);

/** @param runs how many random histories are played */
function describeStrings(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test("a value that is read lives on, for as long as it had or longer", async () => {
      const { redis } = place;
      expect(await getAndExtendExpiration(redis, "v", { ttl: "1h" })).toBeNull();
      await setIfNotExists(redis, "v", "one", { ttl: "1h" });
      expect(await getAndExtendExpiration(redis, "v", { ttl: "3h" })).toBe("one");
      expect(await hoursLeft(redis, "v")).toBe(3);
      expect(await getAndExtendExpiration(redis, "v", { ttl: "2h" })).toBe("one");
      expect(await hoursLeft(redis, "v")).toBe(3);
      await ask(redis, "PERSIST", "v");
      expect(await getAndExtendExpiration(redis, "v", { ttl: "2h" })).toBe("one");
      expect(await hoursLeft(redis, "v")).toBe(2);
    });

    test("sets do what a map would do, TTL included", async () => {
      const ttl = fc.constantFrom<Ttl>("1h", "2h", "persist", "keep");
      const value = fc.string({ maxLength: 4 });
      const step = fc.oneof(
        fc.record({ do: fc.constant("new" as const), value, ttl: ttl.filter((each) => each !== "keep") }),
        fc.record({ do: fc.constant("existing" as const), value, ttl }),
        fc.record({ do: fc.constant("read" as const), ttl: fc.constantFrom("1h" as const, "2h" as const) }),
        fc.record({ do: fc.constant("delete" as const) }),
      );
      let run = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { redis } = place;
        const key = `forever:${run++}`;
        let held: { value: string; hours: number } | undefined;
        const hours = (given: Ttl): number =>
          given === "persist" ? -1 : given === "keep" ? (held?.hours ?? -2) : Number.parseInt(String(given), 10);
        for (const each of steps) {
          if (each.do === "new") {
            const reply = await setIfNotExists(redis, key, each.value, { ttl: each.ttl as "1h" });
            expect(reply).toEqual(held === undefined ? { set: true } : { set: false, current: held.value });
            held ??= { value: each.value, hours: hours(each.ttl) };
          } else if (each.do === "existing") {
            const reply = await setIfExists(redis, key, each.value, { ttl: each.ttl });
            expect(reply).toEqual(held === undefined ? { set: false } : { set: true, previous: held.value });
            if (held !== undefined) held = { value: each.value, hours: hours(each.ttl) };
          } else if (each.do === "read") {
            expect(await getAndExtendExpiration(redis, key, { ttl: each.ttl })).toBe(held?.value ?? null);
            if (held !== undefined) held = { value: held.value, hours: Math.max(held.hours, hours(each.ttl)) };
          } else {
            await ask(redis, "DEL", key);
            held = undefined;
          }
          expect(await hoursLeft(redis, key)).toBe(held?.hours ?? -2);
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("bytes come back as they were, and JSON as what it stands for", async () => {
      const { redis } = place;
      const raw = Uint8Array.of(0, 255, 10, 13, 128);
      await setIfNotExists(redis, "b", raw, { ttl: "1h", codec: bytes });
      expect(Uint8Array.from((await getAndExtendExpiration(redis, "b", { ttl: "1h", codec: bytes })) ?? [])).toEqual(raw);
      const codec = json<{ name: string; tags: string[] }>();
      await setIfNotExists(redis, "j", { name: "Ada", tags: [] }, { ttl: "1h", codec });
      expect(await setIfExists(redis, "j", { name: "Bob", tags: ["x"] }, { codec })).toEqual({
        set: true,
        previous: { name: "Ada", tags: [] },
      });
      expect(await getAndExtendExpiration(redis, "j", { ttl: "1h" })).toBe('{"name":"Bob","tags":["x"]}');
    });

    test("a value that its codec cannot read is named, and left as it is", async () => {
      const { redis } = place;
      await setIfNotExists(redis, "j", "{oops", { ttl: "1h" });
      const error = await refusal(getAndExtendExpiration(redis, "j", { ttl: "1h", codec: json() }));
      expect(error).toBeInstanceOf(ValueError);
      expect(error).toMatchObject({ code: "ATOMIC_VALUE_UNREADABLE", key: "j" });
      expect(await getAndExtendExpiration(redis, "j", { ttl: "1h" })).toBe("{oops");
    });

    test("a key that holds something else is refused and not touched", async () => {
      const { redis } = place;
      await ask(redis, "RPUSH", "forever:list", "x");
      for (const attempt of [
        () => getAndExtendExpiration(redis, "forever:list", { ttl: "1h" }),
        () => setIfNotExists(redis, "forever:list", "v", { ttl: "1h" }),
        () => setIfExists(redis, "forever:list", "v", { ttl: "1h" }),
        () => incrementWithExpiration(redis, "forever:list", { ttl: "1h" }),
      ]) {
        expect(await refusal(attempt())).toMatchObject({ code: "WRONGTYPE" });
      }
      expect(await ask(redis, "LRANGE", "forever:list", "0", "-1")).toEqual(["x"]);
    });

    test("a new number expires, its window does not slide, and a TTL that was lost is repaired", async () => {
      const { redis } = place;
      expect(await incrementWithExpiration(redis, "n", { ttl: "1h" })).toEqual({ value: 1n, added: 1n, expiresInMs: hour });
      await ask(redis, "PEXPIRE", "n", "1000000");
      const second = await incrementWithExpiration(redis, "n", { ttl: "1h", by: 4 });
      expect(second).toMatchObject({ value: 5n, added: 4n });
      expect(second.expiresInMs).toBeLessThanOrEqual(1_000_000);
      await ask(redis, "PERSIST", "n");
      expect(await incrementWithExpiration(redis, "n", { ttl: "2h", by: -5n })).toEqual({
        value: 0n,
        added: -5n,
        expiresInMs: 2 * hour,
      });
    });

    test("numbers within bounds are exact to the last of 64 bits", async () => {
      const edge = fc.constantFrom(
        0n,
        5n,
        -5n,
        2n ** 53n - 1n,
        2n ** 53n + 1n,
        -(2n ** 53n) - 1n,
        2n ** 62n,
        2n ** 63n - 2n,
        -(2n ** 63n),
      );
      const nearby = fc.tuple(edge, fc.bigInt({ min: -3n, max: 3n })).map(([base, by]) => base + by);
      const number = nearby.filter((each) => each < 2n ** 63n && each >= -(2n ** 63n));
      const input = fc.record({
        start: fc.option(number, { nil: undefined }),
        by: number,
        max: fc.option(number, { nil: undefined }),
        min: fc.option(number, { nil: undefined }),
        overflow: fc.constantFrom("reject" as const, "saturate" as const),
      });
      let run = 0;
      const property = fc.asyncProperty(input, async ({ start, by, max, min, overflow }) => {
        const { redis } = place;
        fc.pre(max === undefined || min === undefined || min <= max);
        const key = `n:${run++}`;
        if (start !== undefined) await ask(redis, "SET", key, String(start), "PX", "9000000");
        const before = start ?? 0n;
        const bound = by < 0n ? min : max;
        const sum = before + by;
        const past = bound !== undefined && (by < 0n ? sum < bound : sum > bound);
        const bounds = { ...(max !== undefined && { max }), ...(min !== undefined && { min }) };
        const attempt = incrementWithExpiration(redis, key, { ttl: "1h", by, overflow, ...bounds });
        if (!past && (sum >= 2n ** 63n || sum < -(2n ** 63n))) {
          expect(await refusal(attempt)).toMatchObject({ code: "ERR" });
          expect(await ask(redis, "GET", key)).toBe(start === undefined ? null : String(start));
          return;
        }
        const room = past && overflow === "saturate" && (by < 0n ? before > bound : before < bound);
        const value = past ? (room ? (bound as bigint) : before) : sum;
        const reply = await attempt;
        expect(reply).toMatchObject({ value, added: value - before });
        const stays = start !== undefined || !past || value !== before;
        expect(await ask(redis, "GET", key)).toBe(stays ? String(value) : null);
        // What was there keeps its TTL of 2.5 hours; what is new has one hour.
        expect(Math.ceil(reply.expiresInMs / hour)).toBe(start !== undefined ? 3 : stays ? 1 : 0);
      });
      await fc.assert(property, { numRuns: 8 * runs });
    });

    test("200 callers at once lose no increment, and pass no bound", async () => {
      const { redis } = place;
      const all = await Promise.all(Array.from({ length: 200 }, () => incrementWithExpiration(redis, "n", { ttl: "1h" })));
      expect(new Set(all.map(({ value }) => value)).size).toBe(200);
      expect(await ask(redis, "GET", "n")).toBe("200");
      const capped = Array.from({ length: 200 }, () => incrementWithExpiration(redis, "m", { ttl: "1h", max: 50 }));
      expect((await Promise.all(capped)).filter(({ added }) => added === 1n)).toHaveLength(50);
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const redis = neverAsked;
  const refused: readonly [Promise<unknown>, string][] = [
    [setIfNotExists(redis, "k", "v", {} as never), "OPTION_MISSING setIfNotExists.ttl"],
    [setIfNotExists(redis, "k", "v", { ttl: "keep" as never }), "OPTION_INVALID setIfNotExists.ttl"],
    [setIfNotExists(redis, "k", "v", { ttl: 0 }), "OPTION_INVALID setIfNotExists.ttl"],
    [setIfExists(redis, "k", 7 as never, { ttl: "1h" }), "INPUT_INVALID value"],
    [setIfExists(redis, "k", "v", { tll: "1h" } as never), "OPTION_UNKNOWN setIfExists.tll"],
    [getAndExtendExpiration(redis, "k", { ttl: "persist" as never }), "OPTION_INVALID getAndExtendExpiration.ttl"],
    [incrementWithExpiration(redis, "k", { ttl: "1h", by: 1.5 }), "OPTION_INVALID incrementWithExpiration.by"],
    [incrementWithExpiration(redis, "k", { ttl: "1h", by: 2 ** 53 }), "OPTION_INVALID incrementWithExpiration.by"],
    [incrementWithExpiration(redis, "k", { ttl: "1h", min: 2, max: 1 }), "OPTION_INVALID incrementWithExpiration.min"],
  ];
  for (const [attempt, expected] of refused) {
    const { code, field } = (await refusal(attempt)) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
