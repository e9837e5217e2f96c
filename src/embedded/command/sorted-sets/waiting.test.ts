import { expect, test } from "vitest";
import { StillClock } from "../../fixtures/index.ts";
import { Keyspace, SortedSet } from "../../store/index.ts";
import { NULL_ARRAY, type Reply } from "../../value/index.ts";
import { Blocked, type CommandContext } from "../spec.ts";
import { sortedSetCommands } from "./index.ts";

const specs = new Map(sortedSetCommands.map((spec) => [spec.name, spec]));

function context(resumed = false): CommandContext {
  const keyspace = new Keyspace(new StillClock(), 1);
  const db = keyspace.databases[0];
  if (db === undefined) throw new Error("A keyspace has a database.");
  return { db, keyspace, resp: 2, resumed, record() {} };
}

function run(where: CommandContext, text: string): Reply | Blocked {
  const args = text.split(" ");
  const spec = specs.get((args[0] as string).toLowerCase());
  if (spec === undefined) throw new Error(`There is no ${args[0]}.`);
  return spec.run(where, args);
}

test("what pops waits for its keys when all are empty, as long as it was told", () => {
  const where = context();
  expect(run(where, "BZPOPMIN a b 1.5")).toEqual(new Blocked(["a", "b"], 1500, NULL_ARRAY));
  expect(run(where, "BZPOPMAX a 0")).toEqual(new Blocked(["a"], 0, NULL_ARRAY));
  expect(run(where, "BZMPOP 0.0001 2 a b MAX COUNT 3")).toEqual(new Blocked(["a", "b"], 1, NULL_ARRAY));
});

test("what waited passes over keys that hold something else", () => {
  const where = context(true);
  where.db.set("a", "text");
  expect(run(where, "BZPOPMIN a b 0")).toBeInstanceOf(Blocked);
  where.db.set("b", SortedSet.of(new Map([["x", 1]])));
  expect((run(where, "BZPOPMIN a b 0") as Reply[])[0]).toBe("b");
  expect(where.db.has("b")).toBe(false);
});

test("keys of commands are found where a count tells how many there are", () => {
  const keysOf = (text: string): readonly number[] | undefined => {
    const args = text.split(" ");
    return specs.get(args[0] as string)?.findKeys?.(args);
  };
  expect(keysOf("zunionstore d 2 a b WEIGHTS 1 2")).toEqual([1, 3, 4]);
  expect(keysOf("zinter 2 a b WITHSCORES")).toEqual([2, 3]);
  expect(keysOf("bzmpop 0 1 a MIN")).toEqual([3]);
  expect(keysOf("zmpop 9 a MIN")).toEqual([2, 3]);
});

test("ZRANDMEMBER draws different members, or with a negative count any, each with its score", () => {
  const where = context();
  run(where, `ZADD z ${Array.from({ length: 300 }, (_, at) => `${at} m${at}`).join(" ")}`);
  for (const count of [1, 2, 50, 200, 299, 300, 1000]) {
    const members = run(where, `ZRANDMEMBER z ${count}`) as string[];
    expect(new Set(members).size).toBe(Math.min(count, 300));
    expect(members.length).toBe(Math.min(count, 300));
  }
  expect((run(where, "ZRANDMEMBER z -1000") as string[]).length).toBe(1000);
  const pairs = run(where, "ZRANDMEMBER z -100 WITHSCORES") as [string, { value: number }][];
  for (let at = 0; at < pairs.length; at += 2)
    expect(pairs[at]).toBe(`m${(pairs[at + 1] as unknown as { value: number }).value}`);
  expect(() => run(where, "ZRANDMEMBER z -1000000000")).toThrow();
});

test("ZSCAN goes through a great set in steps, and tells each member with its score", () => {
  const where = context();
  run(where, `ZADD z ${Array.from({ length: 500 }, (_, at) => `${at} m${at}`).join(" ")}`);
  const seen = new Map<string, string>();
  let cursor = "0";
  let steps = 0;
  do {
    const [next, found] = run(where, `ZSCAN z ${cursor} COUNT 20`) as [string, string[]];
    for (let at = 0; at < found.length; at += 2) seen.set(found[at] as string, found[at + 1] as string);
    cursor = next;
    steps++;
  } while (cursor !== "0");
  expect(steps).toBe(25);
  expect(seen.size).toBe(500);
  expect(seen.get("m499")).toBe("499");
});
