import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { ask, type OpenPlace, openCluster, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import {
  getMultiple,
  json,
  MultipleError,
  type SetEntry,
  setMultiple,
  type Ttl,
  tryGetMultiple,
  trySetMultiple,
} from "./index.ts";

const hour = 3_600_000;

describeMultiple("over ioredis", servers.ioredis, 50);
describeMultiple("over node-redis", servers["node-redis"], 5);
describeMultiple("over memory:", servers["memory:"], 5);
describeMultiple("on a cluster of three nodes", openCluster, 10);

/** @param runs how many random histories are played */
function describeMultiple(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test("values come back in the order of their keys, over all slots, and what is missing is null", async () => {
      const { redis } = place;
      const keys = Array.from({ length: 2_500 }, (_, index) => `k:${index}`);
      const entries = keys.map((key, index) => ({ key, value: `v${index}` }));
      expect(new Set(await setMultiple(redis, entries, { ttl: "1h" }))).toEqual(new Set([true]));
      const asked = [...keys].reverse().flatMap((key) => [key, `no:${key}`]);
      const values = await getMultiple(redis, asked);
      expect(values).toEqual(asked.map((key) => (key.startsWith("no") ? null : `v${key.slice(2)}`)));
      expect(await getMultiple(redis, ["k:1", "k:1"])).toEqual(["v1", "v1"]);
      expect(await getMultiple(redis, [])).toEqual([]);
      expect(await setMultiple(redis, [], { ttl: "1h" })).toEqual([]);
    });

    test("many sets do what as many single ones would, each with its TTL and its condition, together or not", async () => {
      const entry = fc.record({
        at: fc.integer({ min: 0, max: 5 }),
        value: fc.string({ maxLength: 3 }),
        ttl: fc.constantFrom<Ttl>("1h", "2h", "persist", "keep"),
        only: fc.constantFrom("new" as const, "existing" as const, undefined),
      });
      const call = fc.record({
        atomic: fc.boolean(),
        entries: fc.uniqueArray(entry, { maxLength: 6, selector: ({ at }) => at }),
      });
      let run = 0;
      const property = fc.asyncProperty(fc.array(call, { maxLength: 5 }), async (calls) => {
        const { redis } = place;
        const [base, tag] = [run++, `{${run}}`];
        const held = new Map<string, { value: string; hours: number }>();
        const keys = Array.from({ length: 6 }, (_, at) => [`forever:${base}:${at}`, `forever:${tag}:${at}`]).flat();
        for (const { atomic, entries } of calls) {
          const writes = entries.map(
            ({ at, value, ttl, only }): SetEntry<string> => ({
              key: keys[2 * at + (atomic ? 1 : 0)] as string,
              value,
              ttl,
              ...(only !== undefined && { only }),
            }),
          );
          const met = writes.map(({ key, only }) => only === undefined || held.has(key) === (only === "existing"));
          const set = met.map((each) => (atomic ? !met.includes(false) : each));
          expect(await setMultiple(redis, writes, { atomic })).toEqual(set);
          for (const [index, { key, value, ttl }] of writes.entries()) {
            if (!set[index]) continue;
            const kept = held.get(key)?.hours ?? -1;
            held.set(key, { value, hours: ttl === "persist" ? -1 : ttl === "keep" ? kept : Number.parseInt(String(ttl), 10) });
          }
          expect(await getMultiple(redis, keys)).toEqual(keys.map((key) => held.get(key)?.value ?? null));
          const together = keys.filter((key) => key.includes(tag));
          const values = await getMultiple(redis, together, { atomic: true });
          expect(values).toEqual(together.map((key) => held.get(key)?.value ?? null));
          const ttls = await Promise.all(keys.map((key) => ttlOf(redis, key)));
          const hours = ttls.map((ttl) => (ttl < 0 ? ttl : Math.ceil(ttl / hour)));
          expect(hours).toEqual(keys.map((key) => held.get(key)?.hours ?? -2));
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("a key that holds something else, or what its codec cannot read, fails alone", async () => {
      const { redis } = place;
      await ask(redis, "RPUSH", "forever:{t}:list", "x");
      const entries = [
        { key: "{t}:a", value: '"a"' },
        { key: "{t}:b", value: "{oops" },
      ];
      await setMultiple(redis, entries, { ttl: "1h" });
      const keys = ["{t}:a", "forever:{t}:list", "{t}:none", "{t}:b"];
      for (const atomic of [true, false]) {
        const results = await tryGetMultiple(redis, keys, { codec: json(), atomic });
        expect(results).toMatchObject([
          { ok: true, value: "a" },
          { ok: false, key: "forever:{t}:list", error: { code: "CLIENT_REPLY", reply: "WRONGTYPE", applied: "no" } },
          { ok: true, value: null },
          { ok: false, key: "{t}:b", error: { code: "ATOMIC_VALUE_UNREADABLE", key: "{t}:b" } },
        ]);
        const error = await refusal(getMultiple(redis, keys, { codec: json(), atomic }));
        expect(error).toBeInstanceOf(MultipleError);
        expect((error as MultipleError).results).toEqual(results);
      }
    });

    test("what is to be atomic must lie in one slot, on a single server too, and nothing is sent otherwise", async () => {
      const { redis } = place;
      const keys = ["a", "b"];
      expect(await refusal(getMultiple(redis, keys, { atomic: true }))).toMatchObject({ code: "SCRIPT_KEYS", applied: "no" });
      const entries = keys.map((key) => ({ key, value: "v" }));
      expect(await refusal(setMultiple(redis, entries, { ttl: "1h", atomic: true }))).toMatchObject({ code: "SCRIPT_KEYS" });
      expect(await getMultiple(redis, keys)).toEqual([null, null]);
    });

    test("a reader never sees half of an atomic set", async () => {
      const { redis } = place;
      const keys = Array.from({ length: 20 }, (_, index) => `{t}:${index}`);
      const write = async (value: string): Promise<unknown> =>
        setMultiple(
          redis,
          keys.map((key) => ({ key, value })),
          { ttl: "1h", atomic: true },
        );
      await write("0");
      const reads: Promise<readonly (string | null)[]>[] = [];
      const writes = Array.from({ length: 50 }, (_, index) => {
        reads.push(getMultiple(redis, keys, { atomic: true }));
        return write(String(index));
      });
      await Promise.all(writes);
      for (const values of await Promise.all(reads)) expect(new Set(values).size).toBe(1);
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const redis = neverAsked;
  const entry = { key: "a", value: "v" };
  const refused: readonly [Promise<unknown>, string][] = [
    [setMultiple(redis, [entry]), "OPTION_MISSING entries[0].ttl"],
    [setMultiple(redis, [entry, { ...entry }], { ttl: "1h" }), "INPUT_INVALID entries"],
    [setMultiple(redis, [entry, { ...entry, key: "" }], { ttl: "1h" }), "INPUT_INVALID keys[1]"],
    [setMultiple(redis, [{ ...entry, onyl: "new" } as never], { ttl: "1h" }), "OPTION_UNKNOWN entries[0].onyl"],
    [trySetMultiple(redis, { a: "v" } as never, { ttl: "1h" }), "INPUT_INVALID entries"],
    [
      getMultiple(
        redis,
        Array.from({ length: 4_001 }, () => "{a}"),
        { atomic: true },
      ),
      "INPUT_INVALID keys",
    ],
    [tryGetMultiple(redis, "a" as never), "INPUT_INVALID keys"],
  ];
  for (const [attempt, expected] of refused) {
    const { code, field } = (await refusal(attempt)) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
