import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { keysOf, NaiveBoard, type OpenPlace, openCluster, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import { json, Leaderboard, LeaderboardMismatchError, type LeaderboardOptions } from "./index.ts";

const day = 86_400_000;
const rankings = ["ordinal", "competition", "dense"] as const;
const ties = ["earliest", "latest", "lexicographic"] as const;
const kinds = rankings.flatMap((ranking) => ties.map((tie) => ({ ranking, ties: tie })));

const id = fc.constantFrom("a", "b", "c", "dé", "10", "9", "x:y");
const score = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom(0.1, 0.2, -0, 2 ** 53 - 1, 2 ** 53 - 2, -(2 ** 53) + 1, 1e-9),
);
const metadata = fc.option(fc.constantFrom("m", "n"), { nil: undefined });
const entry = fc.record({ id, score, metadata });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("add" as const), entry, only: fc.constantFrom("set" as const, "better" as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("increment" as const),
      entry: fc.record({ id, score: fc.integer({ min: -2, max: 2 }), metadata }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("many" as const),
      entries: fc.uniqueArray(entry, { maxLength: 5, selector: (each) => each.id }),
      only: fc.constantFrom("set" as const, "better" as const),
    }),
  },
  fc.record({ do: fc.constant("remove" as const), ids: fc.uniqueArray(id, { maxLength: 3 }) }),
  fc.record({ do: fc.constant("describe" as const), id, metadata: fc.constantFrom("o", null) }),
  fc.record({
    do: fc.constant("count" as const),
    min: fc.option(score, { nil: undefined }),
    max: fc.option(score, { nil: undefined }),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("get" as const), id, around: fc.integer({ min: 0, max: 3 }) }) },
  fc.record({ do: fc.constant("page" as const), offset: fc.integer({ min: 0, max: 5 }), limit: fc.integer({ min: 1, max: 4 }) }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Leaves out what was not given, as `exactOptionalPropertyTypes` wants it. */
function without<Value extends object>(value: Value): { [Name in keyof Value]: Exclude<Value[Name], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

async function play(board: Leaderboard, naive: NaiveBoard, what: Step): Promise<void> {
  if (what.do === "add") {
    const { metadata: note, ...rest } = what.entry;
    const options = without({ metadata: note });
    const done = what.only === "set" ? board.add(rest.id, rest.score, options) : board.addIfBetter(rest.id, rest.score, options);
    expect(await done).toEqual(naive.record(what.only, [without(what.entry)])[0]);
  } else if (what.do === "increment") {
    const { metadata: note, ...rest } = what.entry;
    const old = naive.lines().find((line) => line.id === rest.id)?.score ?? 0;
    const done = board.increment(rest.id, rest.score, without({ metadata: note }));
    if (Math.abs(old + rest.score) > Number.MAX_SAFE_INTEGER) {
      expect(await refusal(done)).toMatchObject({ code: "ATOMIC_SCORE_RANGE", member: rest.id, score: old });
    } else expect(await done).toEqual(naive.record("add", [without(what.entry)])[0]);
  } else if (what.do === "many") {
    const options = what.only === "better" ? ({ only: "better" } as const) : {};
    expect(await board.addMany(what.entries.map(without), options)).toEqual(naive.record(what.only, what.entries.map(without)));
  } else if (what.do === "remove") expect(await board.remove(what.ids)).toBe(naive.remove(what.ids));
  else if (what.do === "describe") {
    expect(await board.describe(what.id, what.metadata)).toBe(naive.describe(what.id, what.metadata));
  } else if (what.do === "count") {
    const { min, max } = what;
    expect(await board.count(without({ min, max }))).toBe(naive.count(min, max));
  } else if (what.do === "get")
    expect(await board.get(what.id, { around: what.around })).toEqual(naive.standing(what.id, what.around));
  else {
    const { offset, limit } = what;
    const lines = naive.lines();
    expect(await board.page({ offset, limit })).toEqual({ total: lines.length, members: lines.slice(offset, offset + limit) });
  }
}

describeLeaderboard("over ioredis", servers.ioredis, 25);
describeLeaderboard("over node-redis", servers["node-redis"], 2);
describeLeaderboard("over memory:", servers["memory:"], 2);
describeLeaderboard("on a cluster of three nodes", openCluster, 2);

/** @param runs how many random histories are played of each kind of board */
function describeLeaderboard(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);

    test.each(kinds)("a board with $ranking ranks, $ties first, stands as one that is sorted by hand", async (kind) => {
      let run = 0;
      const options = fc.record({
        order: fc.constantFrom("high" as const, "low" as const),
        max: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      });
      const property = fc.asyncProperty(options, fc.array(step, { minLength: 5, maxLength: 25 }), async (given, steps) => {
        const all = { ...kind, ...without(given) } as const;
        const board = new Leaderboard(place.redis, { name: `b${run++}`, ...all });
        const naive = new NaiveBoard(all);
        for (const what of steps) await play(board, naive, what);
        expect(await board.top(100)).toEqual(naive.lines());
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("a hundred members come back page by page, each with its rank", async () => {
      for (const ranking of rankings) {
        const board = new Leaderboard(place.redis, { name: `pages-${ranking}`, ranking });
        const naive = new NaiveBoard({ ranking });
        const entries = Array.from({ length: 100 }, (_, index) => ({ id: `m${index}`, score: (index * 7) % 30 }));
        await board.addMany(entries);
        naive.record("set", entries);
        const read: object[] = [];
        for (let offset = 0; offset < 100; offset += 30) read.push(...(await board.page({ offset, limit: 30 })).members);
        expect(read).toEqual(naive.lines());
        expect(await board.get("m50", { around: 3 })).toEqual(naive.standing("m50", 3));
      }
    });

    test("each period has a board of its own, which outlives it by the TTL and can be read until then", async () => {
      const { redis } = place;
      const clock = { now: Date.UTC(2024, 1, 29, 22, 30) };
      const options: LeaderboardOptions<string> = { name: "m", each: "month", offset: "+01:00", ttl: "2d", now: () => clock.now };
      const board = new Leaderboard(redis, options);
      await board.add("ada", 3);
      clock.now += 1_800_000 - 1;
      await board.increment("ada");
      clock.now += 1;
      expect(await board.get("ada")).toBeNull();
      await board.add("bob", 9);
      expect(await board.top(5)).toMatchObject([{ id: "bob", rank: 1 }]);
      expect(await board.top(5, { at: clock.now - 1 })).toMatchObject([{ id: "ada", score: 4 }]);
      expect(await board.count({ at: new Date(clock.now - 1), min: 4 })).toBe(1);
      expect(await board.remove("ada", { at: clock.now - 1 })).toBe(1);
      expect(await board.count({ at: clock.now - 1 })).toBe(0);
      const [march] = (await keysOf(redis)).filter((key) => key === `leaderboard:{m}:scores:${Date.UTC(2024, 2, 1) - 3_600_000}`);
      const ttl = await ttlOf(redis, march as string);
      expect(ttl).toBeGreaterThan(33 * day - 60_000);
      expect(ttl).toBeLessThanOrEqual(33 * day);
      expect(await board.clear()).toBe(true);
      expect(await board.clear()).toBe(false);
    });

    test("200 callers at once lose no increment, and each ends with a rank of its own", async () => {
      const board = new Leaderboard(place.redis, { name: "race", ranking: "dense" });
      await Promise.all(Array.from({ length: 200 }, (_, index) => board.increment(`m${index % 10}`, 1 + (index % 2))));
      const top = await board.top(10);
      expect(top.map(({ score: points }) => points).reduce((sum, each) => sum + each, 0)).toBe(300);
      expect(top.map(({ rank }) => rank)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    });

    test("metadata go through the codec of the board, and a board asked for in another way is refused", async () => {
      const board = new Leaderboard(place.redis, { name: "meta", codec: json<{ country: string }>() });
      await board.add("ada", 1);
      expect(await board.describe("ada", { country: "fr" })).toBe(true);
      expect(await ttlOf(place.redis, "leaderboard:{meta}:metadata:all")).toBeGreaterThan(0);
      expect((await board.add("ada", 1, { metadata: { country: "gb" } })).changed).toBe(false);
      await board.increment("ada", 1);
      expect((await board.get("ada"))?.metadata).toEqual({ country: "gb" });
      expect(await board.describe("ada", null)).toBe(true);
      expect((await board.get("ada"))?.metadata).toBeNull();
      const other = new Leaderboard(place.redis, { name: "meta", order: "low" });
      for (const attempt of [
        () => other.add("ada", 1),
        () => other.get("ada"),
        () => other.page(),
        () => other.remove("ada"),
        () => other.describe("ada", "x"),
      ]) {
        const error = await refusal(attempt());
        expect(error).toBeInstanceOf(LeaderboardMismatchError);
        expect(error).toMatchObject({ code: "ATOMIC_LEADERBOARD_MISMATCH", stored: "high ordinal earliest" });
      }
      expect(await board.top(5)).toMatchObject([{ id: "ada", score: 2 }]);
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const redis = neverAsked;
  const board = new Leaderboard(redis, { name: "b" });
  const refused: readonly [() => Promise<unknown>, string][] = [
    [() => board.add("a", 2 ** 53), "INPUT_INVALID score"],
    [() => board.add("a", Number.NaN), "INPUT_INVALID score"],
    [() => board.add("", 1), "INPUT_INVALID id"],
    [() => board.add("a", 1, { metdata: "x" } as never), "OPTION_UNKNOWN Leaderboard.metdata"],
    [
      () =>
        board.addMany([
          { id: "a", score: 1 },
          { id: "a", score: 2 },
        ]),
      "INPUT_INVALID entries",
    ],
    [() => board.addMany(Array.from({ length: 1_001 }, () => ({ id: "a", score: 1 }))), "INPUT_INVALID entries"],
    [() => board.page({ limit: 1_001 }), "OPTION_INVALID Leaderboard.page.limit"],
    [() => board.get("a", { around: 501 }), "OPTION_INVALID Leaderboard.get.around"],
    [async () => new Leaderboard(redis, { name: "b", ties: "first" as never }), "OPTION_INVALID Leaderboard.ties"],
    [async () => new Leaderboard(redis, { name: "}" }), "INPUT_INVALID Leaderboard.name"],
  ];
  for (const [attempt, expected] of refused) {
    const { code, field } = (await refusal(attempt())) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
