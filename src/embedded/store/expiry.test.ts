import { expect, test } from "vitest";
import { StillClock } from "../fixtures/index.ts";
import type { Database } from "./database.ts";
import { Keyspace } from "./index.ts";

function start(): { clock: StillClock; keyspace: Keyspace; db: Database; events: string[] } {
  const clock = new StillClock(1000);
  const keyspace = new Keyspace(clock, 2);
  const events: string[] = [];
  keyspace.listen({ changed: (database, key, kind, event) => events.push(`${database.index} ${kind} ${event} ${key}`) });
  return { clock, keyspace, db: keyspace.databases[0] as Database, events };
}

function put(db: Database, key: string, expiresAt?: number): void {
  db.set(key, "v");
  if (expiresAt !== undefined) db.expire(key, expiresAt);
}

test("a key goes at its time without anybody asking for it, and that is told", () => {
  const { clock, db, events, keyspace } = start();
  put(db, "late", 3000);
  put(db, "soon", 2000);
  put(keyspace.databases[1] as Database, "other", 2500);
  clock.set(1999);
  expect(db.size).toBe(2);
  clock.set(2000);
  expect(db.size).toBe(1);
  expect(events).toEqual(["0 x expired soon"]);
  clock.set(10_000);
  expect(events).toEqual(["0 x expired soon", "1 x expired other", "0 x expired late"]);
  expect(keyspace.expiredKeys).toBe(3);
  expect(keyspace.usedMemory).toBe(0);
});

test("an expiry that was put off, taken away or overwritten does not strike at its old time", () => {
  const { clock, db, events } = start();
  for (const key of ["off", "away", "over", "gone", "back"]) put(db, key, 2000);
  db.expire("off", 3000);
  db.expire("away", undefined);
  db.set("over", "w");
  db.remove("gone");
  db.expire("back", undefined);
  db.expire("back", 2500);
  clock.set(2400);
  expect([...db.keys()]).toEqual(["off", "away", "over", "back"]);
  clock.set(2500);
  expect(events).toEqual(["0 x expired back"]);
  clock.set(3000);
  expect(events).toEqual(["0 x expired back", "0 x expired off"]);
});

test("an expiry that was brought forward strikes at its new time", () => {
  const { clock, db, events } = start();
  put(db, "k", 5000);
  db.expire("k", 2000);
  clock.set(2000);
  expect(events).toEqual(["0 x expired k"]);
  clock.set(6000);
  expect(events).toHaveLength(1);
});

test("while a command runs time stands still, and a key that was there stays", () => {
  const { clock, db, keyspace } = start();
  put(db, "k", 2000);
  keyspace.freeze();
  keyspace.freeze();
  clock.set(1500);
  keyspace.thaw();
  expect(keyspace.now).toBe(1000);
  keyspace.thaw();
  expect(keyspace.now).toBe(1500);
});

test("many keys that expire at once go in slices, each at its own wake-up", () => {
  const clock = new StillClock(1000);
  const sizes: number[] = [];
  let db: Database | undefined;
  const counted = {
    now: () => clock.now(),
    after: (ms: number, wake: () => void) =>
      clock.after(ms, () => {
        wake();
        sizes.push(db?.size ?? 0);
      }),
  };
  const keyspace = new Keyspace(counted, 1);
  db = keyspace.databases[0] as Database;
  for (let at = 0; at < 2500; at++) put(db, `k${at}`, 2000);
  clock.set(2000);
  expect(sizes).toEqual([1500, 500, 0]);
});

test("nothing is woken that has nothing to expire", () => {
  const clock = new StillClock(1000);
  let calls = 0;
  const keyspace = new Keyspace(
    {
      now: () => clock.now(),
      after: (ms, wake) => {
        calls++;
        return clock.after(ms, wake);
      },
    },
    1,
  );
  const db = keyspace.databases[0] as Database;
  put(db, "k");
  clock.set(1e9);
  expect(calls).toBe(0);
  // A lease that is put off again and again takes one wake-up for the first time, not one for each.
  put(db, "lease", 1e9 + 1000);
  for (let at = 1; at <= 100; at++) db.expire("lease", 1e9 + 1000 + at);
  expect(calls).toBe(1);
});

test("entries of expiries that were taken away do not pile up", () => {
  const { clock, db, events } = start();
  for (let at = 0; at < 50_000; at++) {
    put(db, "k", 5000 + at);
    db.remove("k");
  }
  put(db, "k", 2000);
  clock.set(2000);
  expect(events).toEqual(["0 x expired k"]);
});

test("without wake-ups keys expire when they are met", () => {
  const { clock, db, keyspace, events } = start();
  put(db, "k", 2000);
  keyspace.removesLapsed = false;
  clock.set(3000);
  expect(db.size).toBe(1);
  expect(db.get("k")).toBeUndefined();
  expect(events).toEqual(["0 x expired k"]);
  put(db, "l", 3500);
  keyspace.removesLapsed = true;
  clock.set(3500);
  expect(db.size).toBe(0);
});

test("expiries go along when databases are exchanged, emptied and restored", () => {
  const { clock, db, keyspace, events } = start();
  const other = keyspace.databases[1] as Database;
  put(db, "k", 2000);
  put(db, "lasting");
  const snapshot = keyspace.snapshot();
  keyspace.swap(0, 1);
  clock.set(2000);
  expect(events).toEqual(["1 x expired k"]);
  expect([...other.keys()]).toEqual(["lasting"]);
  clock.set(1000);
  keyspace.restore(snapshot);
  expect([[...db.keys()], [...other.keys()]]).toEqual([["k", "lasting"], []]);
  db.remove("lasting");
  clock.set(2000);
  expect(events).toEqual(["1 x expired k", "0 x expired k"]);
  clock.set(1000);
  keyspace.restore(snapshot);
  expect([...db.keys()]).toEqual(["k", "lasting"]);
  expect(keyspace.flush()).toBe(2);
  clock.set(3000);
  expect(events).toHaveLength(2);
});
