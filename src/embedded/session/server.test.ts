import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../command/all.ts";
import { SideBySide, serverCases } from "./fixtures/index.ts";

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start(commands);
});
afterAll(() => both.stop());

const without = (message: unknown): unknown => {
  const shown = message as { readonly map?: readonly unknown[] } | readonly unknown[] | null;
  const facts = Array.isArray(shown) ? shown : ((shown as { readonly map?: readonly unknown[] } | null)?.map ?? []);
  // The id of a connection is its server's own.
  return facts[6] === "id" ? facts.toSpliced(7, 1) : sortedPairs(message);
};

/** CONFIG GET answers in the order of a hash table. */
function sortedPairs(message: unknown): unknown {
  const list = Array.isArray(message) ? message : (message as { readonly map?: unknown } | null)?.map;
  if (!Array.isArray(list) || list.length % 2 !== 0 || !list.every((item) => typeof item === "string")) return message;
  const pairs = Array.from({ length: list.length / 2 }, (_, at) => `${list[2 * at]} ${list[2 * at + 1]}`);
  return { pairs: pairs.toSorted() };
}

test.each(serverCases)("%s", (_name, steps) => both.agree(steps, without));

type Entry = readonly [
  name: string,
  arity: number,
  flags: unknown[],
  first: number,
  last: number,
  step: number,
  categories: unknown[],
  tips: unknown[],
  specs: unknown[][],
  subcommands: Entry[],
];

/** By name; without the notes in prose, and without what stands in the order of a hash table. */
function byName(entries: readonly Entry[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, arity, flags, first, last, step, categories, tips, specs, subcommands] of entries) {
    const places = specs.map((spec) => (spec[0] === "notes" ? spec.slice(2) : spec));
    found.set(name, { arity, flags: flags.map(shownStatus).toSorted(), first, last, step, categories, tips, places });
    for (const [each, info] of byName(subcommands)) found.set(each, info);
  }
  return found;
}

const shownStatus = (flag: unknown): string => (flag as { readonly status: string }).status;

test("COMMAND tells of each command what the real server tells", async () => {
  const real = byName((await both.real("COMMAND")) as Entry[]);
  const ours = byName(both.ours("COMMAND") as Entry[]);
  expect(ours.size).toBeGreaterThan(300);
  for (const [name, info] of ours) expect(info, name).toEqual(real.get(name));
  const missing = [...real.keys()].filter((name) => !ours.has(name)).toSorted();
  expect(missing).toEqual(["memory|malloc-stats", "migrate", "psync", "replconf", "restore-asking", "sync"]);
});

test("a command that Redis has and the engine has not says whose lack it is", () => {
  expect(both.ours("MIGRATE", "h", "1", "k", "0", "1")).toEqual({
    error:
      "ERR unknown command 'MIGRATE', with args beginning with: 'h' '1' 'k' '0' '1'  (Redis has MIGRATE, the embedded engine of redlua has not: connect to a Redis server for it)",
  });
  expect(both.ours("NOSUCH")).toEqual({ error: "ERR unknown command 'NOSUCH', with args beginning with: " });
});

test("ACL CAT lists the same commands", async () => {
  const known = new Set(byName(both.ours("COMMAND") as Entry[]).keys());
  for (const category of (await both.real("ACL", "CAT")) as string[]) {
    const real = ((await both.real("ACL", "CAT", category)) as string[]).filter((name) => known.has(name));
    expect((both.ours("ACL", "CAT", category) as string[]).toSorted(), category).toEqual(real.toSorted());
  }
});

test("INFO has the sections and the facts that clients read", async () => {
  const facts = (text: unknown): Map<string, string> =>
    new Map(
      String(text)
        .split("\r\n")
        .map((line) => line.split(":", 2) as [string, string]),
    );
  const sections = (text: unknown): string[] =>
    String(text)
      .split("\r\n")
      .filter((line) => line.startsWith("#"));
  expect(sections(both.ours("INFO"))).toEqual(sections(await both.real("INFO")));
  expect(sections(both.ours("INFO", "ALL"))).toEqual(sections(await both.real("INFO", "everything")));
  expect(sections(both.ours("INFO", "memory", "nosuch", "KEYSPACE"))).toEqual(
    sections(await both.real("INFO", "memory", "nosuch", "KEYSPACE")),
  );
  const [ours, real] = [facts(both.ours("INFO", "everything")), facts(await both.real("INFO", "everything"))];
  for (const name of [
    "redis_version",
    "redis_mode",
    "maxmemory_policy",
    "role",
    "loading",
    "cluster_enabled",
    "aof_enabled",
    "maxclients",
  ]) {
    expect(ours.get(name), name).toBe(real.get(name));
  }
  expect(ours.get("redlua_embedded")).toBe("1");
});
