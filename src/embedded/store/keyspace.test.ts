import { expect, test } from "vitest";
import { StillClock } from "../fixtures/index.ts";
import type { Database } from "./database.ts";
import { GrowingBytes, Hash, Keyspace } from "./index.ts";

function start(): { keyspace: Keyspace; first: Database; second: Database } {
  const keyspace = new Keyspace(new StillClock(1000), 2);
  const [first, second] = keyspace.databases as [Database, Database];
  return { keyspace, first, second };
}

/** Everything a keyspace holds, in values that can be compared. */
function state(keyspace: Keyspace): unknown {
  return keyspace.databases.map((db) =>
    [...db.keys()].map((key) => {
      const value = db.get(key);
      return [key, value instanceof Hash ? value.entries() : value?.toString(), db.expiresAt(key)];
    }),
  );
}

test("a snapshot holds what was there, and can be restored again and again", () => {
  const { keyspace, first, second } = start();
  const hash = new Hash();
  hash.set("f", "v");
  first.set("hash", hash);
  first.set("bytes", new GrowingBytes("abc"));
  first.expire("bytes", 5000);
  second.set("text", "t");
  const before = state(keyspace);
  const snapshot = keyspace.snapshot();
  for (let round = 0; round < 2; round++) {
    (first.get("hash") as Hash).set("f", `changed ${round}`);
    (first.get("bytes") as GrowingBytes).write(0, "XYZ");
    second.set("new", "n");
    second.remove("text");
    expect(state(keyspace)).not.toEqual(before);
    keyspace.restore(snapshot);
    expect(state(keyspace)).toEqual(before);
  }
});

test("whoever watches keys learns which were there before a database was exchanged as a whole", () => {
  const { keyspace, first, second } = start();
  const heard: unknown[] = [];
  const keys = ["a", "b", "c"];
  keyspace.listen({
    changed: () => heard.push("changed"),
    replaced: (db, had) => heard.push([db.index, keys.map((key) => [had(key), db.has(key)])]),
  });
  first.set("a", "1");
  second.set("b", "2");
  keyspace.swap(0, 1);
  expect(heard).toEqual([
    [
      0,
      [
        [true, false],
        [false, true],
        [false, false],
      ],
    ],
    [
      1,
      [
        [false, true],
        [true, false],
        [false, false],
      ],
    ],
  ]);
  heard.length = 0;
  expect(keyspace.flush([first])).toBe(1);
  expect(keyspace.flush([first])).toBe(0);
  expect(heard).toEqual([
    [
      0,
      [
        [false, false],
        [true, false],
        [false, false],
      ],
    ],
  ]);
});

test("that a key comes to be is told only if somebody wants it", () => {
  const { keyspace, first } = start();
  const events: string[] = [];
  keyspace.listen({ changed: (_, key, kind, event) => events.push(`${kind} ${event} ${key}`) });
  first.set("a", "1");
  keyspace.tellsNew = true;
  first.set("a", "2");
  first.set("b", "1");
  expect(events).toEqual(["n new b"]);
});

test("a key at random is any of them, and none that has expired", () => {
  const { first } = start();
  for (let at = 0; at < 20; at++) first.set(`k${at}`, "v");
  const met = new Set<string | undefined>();
  for (let at = 0; at < 2000; at++) met.add(first.randomKey());
  expect(met.size).toBe(20);
  for (let at = 0; at < 19; at++) first.expire(`k${at}`, 999);
  expect(first.randomKey()).toBe("k19");
  first.remove("k19");
  expect(first.randomKey()).toBeUndefined();
});
