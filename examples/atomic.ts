/** A shop in small operations: stock that is not sold twice, a counter of the day, a leaderboard, a session. */
import {
  appendToLimitedList,
  Counter,
  compareAndSwap,
  getMultiple,
  incrementWithExpiration,
  json,
  Leaderboard,
  Session,
  setMultiple,
} from "redlua/atomic";
import { connect } from "redlua/client";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

// Ten callers want one of three. A swap that comes too late has the current value with it.
await compareAndSwap(redis, "stock:789", { expect: null, value: "3", ttl: "1m" });
async function sell(): Promise<boolean> {
  for (let seen = "3"; seen !== "0"; ) {
    const swap = await compareAndSwap(redis, "stock:789", { expect: seen, value: String(Number(seen) - 1) });
    if (swap.swapped) return true;
    seen = swap.current ?? "0";
  }
  return false;
}
const sold = await Promise.all(Array.from({ length: 10 }, sell));
console.log("sold:", sold.filter(Boolean).length);

// The same with a bound.
const capped = { ttl: "1m", max: 3 } as const;
const seats = await Promise.all(Array.from({ length: 10 }, () => incrementWithExpiration(redis, "seats", capped)));
console.log("seats:", seats.filter(({ added }) => added === 1n).length);

const users = { ttl: "1m", codec: json<{ name: string }>() } as const;
await setMultiple(redis, [{ key: "user:1", value: { name: "Ada" } }], users);
console.log("users:", await getMultiple(redis, ["user:1", "user:2"], { codec: users.codec }));

console.log("recent:", await appendToLimitedList(redis, "recent", ["a", "b", "c"], { max: 2, ttl: "1m" }));

const visits = new Counter(redis, { name: "visits", after: "1m", threshold: 2 });
const counts = [await visits.increment("ada"), await visits.increment("ada"), await visits.increment("ada")];
console.log("visits:", counts.map(({ value }) => Number(value)).join(" "));

const board = new Leaderboard(redis, { name: "race", order: "low", ranking: "competition", ttl: "1m" });
await board.addMany([
  { id: "ada", score: 61.25 },
  { id: "bob", score: 61.25 },
  { id: "eve", score: 70 },
]);
await board.addIfBetter("eve", 75);
const eve = await board.get("eve", { around: 1 });
console.log("eve:", eve?.rank, eve?.score, "after", eve?.above.map(({ id, rank }) => `${id} (${rank})`).join());

const sessions = new Session<{ cart: string[] }>(redis, { idle: "1m", absolute: "1m", touchEvery: "10s", tombstone: "1m" });
const { id } = await sessions.create({ user: "ada", data: { cart: [] } });
await sessions.update(id, { cart: ["tea"] });
console.log("session:", (await sessions.get(id))?.data);
console.log("ended:", await sessions.destroyAll("ada"));
console.log("late write:", await sessions.update(id, { cart: [] }));

await redis.close();

// Output:
// sold: 3
// seats: 3
// users: [ { name: 'Ada' }, null ]
// recent: { appended: true, length: 2, dropped: 1 }
// visits: 1 2 1
// eve: 3 70 after bob (1)
// session: { cart: [ 'tea' ] }
// ended: 1
// late write: { updated: false, reason: 'ended' }
