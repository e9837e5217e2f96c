import { expect, test } from "vitest";
import { StillClock } from "../fixtures/index.ts";
import type { Database } from "./database.ts";
import { type EvictionPolicy, GrowingBytes, Hash, Keyspace } from "./index.ts";

function start(policy: EvictionPolicy, keys: number): { clock: StillClock; keyspace: Keyspace; db: Database; evicted: string[] } {
  const clock = new StillClock(1_000_000);
  const keyspace = new Keyspace(clock, 2);
  keyspace.policy = policy;
  const db = keyspace.databases[0] as Database;
  for (let at = 0; at < keys; at++) db.set(`k${at}`, "value");
  const evicted: string[] = [];
  keyspace.listen({ changed: (_, key, kind, event) => evicted.push(`${kind} ${event} ${key}`) });
  return { clock, keyspace, db, evicted };
}

/** Asks for room for so many keys less than there are. */
function squeeze(keyspace: Keyspace, keys: number): boolean {
  let size = 0;
  for (const database of keyspace.databases) size += database.size;
  keyspace.maxMemory = keyspace.usedMemory - Math.floor((keyspace.usedMemory / size) * keys);
  return keyspace.makeRoom();
}

test("without a policy nothing is evicted, and room is denied", () => {
  const { keyspace, db } = start("noeviction", 10);
  expect(keyspace.makeRoom()).toBe(true);
  expect(squeeze(keyspace, 3)).toBe(false);
  expect(db.size).toBe(10);
});

test("allkeys-lru evicts what was not used for longest", () => {
  const { keyspace, db, evicted } = start("allkeys-lru", 5);
  db.get("k0");
  db.set("k2", "again");
  db.peek("k1");
  expect(squeeze(keyspace, 3)).toBe(true);
  expect(evicted).toEqual(["e evicted k1", "e evicted k3", "e evicted k4"]);
  expect(keyspace.evictedKeys).toBe(3);
});

test("allkeys-lru looks at all databases", () => {
  const { keyspace, db, clock, evicted } = start("allkeys-lru", 4);
  clock.set(clock.now() + 5000);
  (keyspace.databases[1] as Database).set("other", "value");
  clock.set(clock.now() + 5000);
  for (let at = 0; at < 3; at++) db.get(`k${at}`);
  expect(squeeze(keyspace, 2)).toBe(true);
  expect(evicted).toEqual(["e evicted k3", "e evicted other"]);
});

test("volatile-lru evicts only what expires", () => {
  const { keyspace, db, evicted } = start("volatile-lru", 5);
  for (const key of ["k3", "k1"]) db.expire(key, 2_000_000);
  db.get("k1");
  expect(squeeze(keyspace, 2)).toBe(true);
  expect(evicted).toEqual(["e evicted k3", "e evicted k1"]);
  expect(squeeze(keyspace, 1)).toBe(false);
  expect(db.size).toBe(3);
});

test("volatile-ttl evicts what expires first", () => {
  const { keyspace, db, evicted } = start("volatile-ttl", 5);
  for (const [key, at] of Object.entries({ k0: 5_000_000, k4: 3_000_000, k2: 4_000_000 })) db.expire(key, at);
  db.expire("k4", 6_000_000);
  expect(squeeze(keyspace, 2)).toBe(true);
  expect(evicted).toEqual(["e evicted k2", "e evicted k0"]);
  expect(squeeze(keyspace, 2)).toBe(false);
});

test.each(["allkeys-random", "volatile-random"] as const)("%s evicts any, until there is room", (policy) => {
  const { keyspace, db } = start(policy, 100);
  for (let at = 0; at < 50; at++) db.expire(`k${at}`, 2_000_000);
  expect(squeeze(keyspace, 40)).toBe(true);
  // A key that expires takes half as much again as one that does not.
  expect(db.size).toBeGreaterThanOrEqual(50);
  expect(db.size).toBeLessThan(70);
  for (let at = 50; at < 100; at++) if (policy === "volatile-random") expect(db.has(`k${at}`)).toBe(true);
  expect(squeeze(keyspace, 40)).toBe(policy === "allkeys-random");
});

test("what is used is counted to the byte through every change, and is nothing when all is gone", () => {
  const { keyspace, db, clock } = start("noeviction", 0);
  db.set("a", "x");
  db.set("a", "y".repeat(1000), true);
  db.set("b", "1");
  db.expire("b", clock.now() + 10);
  const hash = new Hash();
  hash.set("field", "value");
  db.set("h", hash);
  for (let at = 0; at < 100; at++) {
    hash.set(`f${at}`, "value");
    db.changed("h", "h", "hset");
  }
  const grown = keyspace.usedMemory;
  for (let at = 0; at < 100; at++) hash.delete(`f${at}`);
  db.changed("h", "h", "hdel");
  expect(keyspace.usedMemory).toBeLessThan(grown);
  const bytes = new GrowingBytes("abc");
  db.set("g", bytes);
  bytes.write(500, "def");
  db.changed("g", "$", "setrange");
  const snapshot = keyspace.snapshot();
  const before = keyspace.usedMemory;
  keyspace.restore(snapshot);
  expect(keyspace.usedMemory).toBe(before);
  clock.set(clock.now() + 10);
  for (const key of ["a", "h", "g"]) expect(db.remove(key)).toBe(true);
  expect(keyspace.usedMemory).toBe(0);
});
