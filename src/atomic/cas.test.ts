import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { ask, type OpenPlace, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import { compareAndDelete, compareAndSwap, getVersioned, json, type Ttl } from "./index.ts";

const hour = 3_600_000;

describeSwaps("over ioredis", servers.ioredis, 50);
describeSwaps("over node-redis", servers["node-redis"], 5);
describeSwaps("over memory:", servers["memory:"], 5);

/** @param runs how many random histories are played */
function describeSwaps(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test("swaps by value and by version do what one writer in a quiet room would see", async () => {
      const value = fc.constantFrom("", "a", "b", "c");
      const ttl = fc.constantFrom<Ttl>("1h", "2h", "persist", "keep");
      const step = fc.oneof(
        fc.record({ do: fc.constant("swap" as const), expect: fc.option(value), value, ttl }),
        fc.record({ do: fc.constant("delete" as const), expect: value }),
        fc.record({
          do: fc.constant("versioned swap" as const),
          stale: fc.constantFrom(0, 0, 0, 1, "none" as const),
          value,
          ttl,
        }),
        fc.record({ do: fc.constant("versioned delete" as const), stale: fc.constantFrom(0, 0, 1) }),
      );
      let run = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        const { redis } = place;
        const [plain, versioned] = [`forever:${run}:plain`, `forever:${run++}:versioned`];
        const held = new Map<string, { value: string; hours: number; version: number }>();
        const seen = new Set<number>();
        const hoursAfter = (key: string, given: Ttl): number =>
          given === "persist" ? -1 : given === "keep" ? (held.get(key)?.hours ?? -1) : Number.parseInt(String(given), 10);
        for (const each of steps) {
          if (each.do === "swap") {
            const before = held.get(plain);
            if (each.expect === null && each.ttl === "keep") continue;
            const reply = await compareAndSwap(redis, plain, { expect: each.expect, value: each.value, ttl: each.ttl });
            const matches = (before?.value ?? null) === each.expect;
            expect(reply).toEqual(matches ? { swapped: true } : { swapped: false, current: before?.value ?? null });
            if (matches) held.set(plain, { value: each.value, hours: hoursAfter(plain, each.ttl), version: 0 });
          } else if (each.do === "delete") {
            const before = held.get(plain);
            const reply = await compareAndDelete(redis, plain, { expect: each.expect });
            const matches = before?.value === each.expect;
            expect(reply).toEqual(matches ? { deleted: true } : { deleted: false, current: before?.value ?? null });
            if (matches) held.delete(plain);
          } else {
            const before = held.get(versioned);
            const actual = before?.version ?? null;
            const version = each.stale === "none" ? null : each.stale === 1 ? 7 : actual;
            const current = { current: before?.value ?? null, version: actual };
            if (each.do === "versioned delete") {
              if (version === null) continue;
              const reply = await compareAndDelete(redis, versioned, { version });
              expect(reply).toEqual(version === actual ? { deleted: true } : { deleted: false, ...current });
              if (version === actual) held.delete(versioned);
            } else {
              if (version === null && each.ttl === "keep") continue;
              const reply = await compareAndSwap(redis, versioned, { version, value: each.value, ttl: each.ttl });
              if (!reply.swapped) expect([reply, version === actual]).toEqual([{ swapped: false, ...current }, false]);
              else {
                expect([version, seen.has(reply.version)]).toEqual([actual, false]);
                expect(reply.version).toBeGreaterThan(actual ?? 0);
                seen.add(reply.version);
                held.set(versioned, { value: each.value, hours: hoursAfter(versioned, each.ttl), version: reply.version });
              }
            }
          }
          const { value: now, version } = (await getVersioned(redis, versioned)) ?? {};
          expect([now, version]).toEqual([held.get(versioned)?.value, held.get(versioned)?.version]);
          expect(await ask(redis, "GET", plain)).toBe(held.get(plain)?.value ?? null);
          for (const key of [plain, versioned]) {
            const left = await ttlOf(redis, key);
            expect(left < 0 ? left : Math.ceil(left / hour)).toBe(held.get(key)?.hours ?? -2);
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("200 callers who swap until they succeed lose nothing, by value or by version", async () => {
      const { redis } = place;
      await compareAndSwap(redis, "stock", { expect: null, value: "0", ttl: "1h" });
      const first = await compareAndSwap(redis, "plan", { version: null, value: "0", ttl: "1h" });
      expect(first.swapped).toBe(true);
      const byValue = async (): Promise<void> => {
        for (let seen = "0"; ; ) {
          const swap = await compareAndSwap(redis, "stock", { expect: seen, value: String(Number(seen) + 1) });
          if (swap.swapped) return;
          seen = swap.current as string;
        }
      };
      const byVersion = async (): Promise<void> => {
        let seen = await getVersioned(redis, "plan");
        for (;;) {
          const change = { version: seen?.version ?? null, value: String(Number(seen?.value) + 1), ttl: "1h" as const };
          const swap = await compareAndSwap(redis, "plan", change);
          if (swap.swapped) return;
          seen = { value: swap.current as string, version: swap.version as number };
        }
      };
      await Promise.all(Array.from({ length: 100 }, () => [byValue(), byVersion()]).flat());
      expect(await ask(redis, "GET", "stock")).toBe("100");
      expect(await getVersioned(redis, "plan")).toMatchObject({ value: "100" });
    });

    test("a value that was changed and changed back has another version, also if it was deleted in between", async () => {
      const { redis } = place;
      const first = await compareAndSwap(redis, "plan", { version: null, value: "a", ttl: "1h" });
      if (!first.swapped) throw new Error("It was absent.");
      await compareAndDelete(redis, "plan", { version: first.version });
      const second = await compareAndSwap(redis, "plan", { version: null, value: "a", ttl: "1h" });
      expect(second.swapped && second.version > first.version).toBe(true);
      expect(await compareAndSwap(redis, "plan", { version: first.version, value: "b" })).toMatchObject({ swapped: false });
    });

    test("JSON is compared by what it says, not by the order in which it says it", async () => {
      const { redis } = place;
      const codec = json<{ a: number; b?: { x: number; y: number } }>();
      await compareAndSwap(redis, "j", { expect: null, value: { b: { y: 2, x: 1 }, a: 1 }, ttl: "1h", codec });
      expect(await compareAndSwap(redis, "j", { expect: { a: 1, b: { x: 1, y: 2 } }, value: { a: 2 }, codec })).toEqual({
        swapped: true,
      });
      expect(await compareAndSwap(redis, "j", { expect: { a: 1 }, value: { a: 3 }, codec })).toEqual({
        swapped: false,
        current: { a: 2 },
      });
    });

    test("a key that holds something else is refused and not touched", async () => {
      const { redis } = place;
      await ask(redis, "RPUSH", "forever:list", "x");
      for (const attempt of [
        () => compareAndSwap(redis, "forever:list", { expect: null, value: "v", ttl: "1h" }),
        () => compareAndSwap(redis, "forever:list", { version: null, value: "v", ttl: "1h" }),
        () => compareAndDelete(redis, "forever:list", { expect: "x" }),
        () => compareAndDelete(redis, "forever:list", { version: 1 }),
      ]) {
        expect(await refusal(attempt())).toMatchObject({ code: "WRONGTYPE" });
      }
      expect(await ask(redis, "LRANGE", "forever:list", "0", "-1")).toEqual(["x"]);
    });
  });
}

test("a swap that expects none must say how long its value lives, and no swap may say two things at once", async () => {
  const redis = neverAsked;
  for (const [change, expected] of [
    [{ expect: null, value: "v" }, "OPTION_MISSING compareAndSwap.ttl"],
    [{ expect: null, value: "v", ttl: "keep" }, "OPTION_INVALID compareAndSwap.ttl"],
    [{ version: null, value: "v" }, "OPTION_MISSING compareAndSwap.ttl"],
    [{ version: 0, value: "v" }, "OPTION_INVALID compareAndSwap.version"],
    [{ value: "v", ttl: "1h" }, "OPTION_MISSING compareAndSwap.expect"],
    [{ expect: "a", ttl: "1h" }, "OPTION_MISSING compareAndSwap.value"],
    [{ expect: "a", version: 1, value: "v" }, "OPTION_INVALID compareAndSwap.expect"],
    [{ expected: "a", value: "v" }, "OPTION_UNKNOWN compareAndSwap.expected"],
    [{ expect: 7, value: "v" }, "INPUT_INVALID expect"],
  ] as const) {
    const { code, field } = (await refusal(compareAndSwap(redis, "k", change as never))) as { code: string; field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
