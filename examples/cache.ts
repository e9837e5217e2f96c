/** A cache in two tiers: a value is computed once, for all callers of all processes, and an invalidation reaches everybody. */
import { connect } from "redlua";
import { HybridCache } from "redlua/cache";

const url = process.env["REDIS_URL"] ?? "memory:example"; // the engine of that name, for both
const prefix = `example-${process.pid}`;
const [redis, elsewhere] = [await connect(url, { prefix }), await connect(url, { prefix })];

const options = { ttl: "10m", memory: { entries: 10_000 }, failSafe: "1h" } as const;
const cache = new HybridCache(redis, options);
const other = new HybridCache(elsewhere, options); // as another process has it
await Promise.all([cache.start(), other.start()]);

let price = 100;
let asked = 0;
const load = async (): Promise<{ price: number }> => {
  asked++;
  return { price };
};

const callers = Array.from({ length: 100 }, () => cache.getOrSet("book:42", load, { tags: ["books"] }));
const others = Array.from({ length: 100 }, () => other.getOrSet("book:42", load, { tags: ["books"] }));
const values = await Promise.all([...callers, ...others]);
console.log(`200 callers of two processes got ${values[0]?.price}; the source was asked ${asked} time(s)`);

price = 90;
const heard = new Promise<void>((resolve) => {
  other.on("invalidated", () => resolve());
});
await cache.invalidateTag("books");
await heard;
console.log("after the invalidation:", await other.getOrSet("book:42", load, { tags: ["books"] }));

await cache.expire("book:42");
const broken = (): never => {
  throw new Error("the source is away");
};
console.log("while the source is away:", await cache.getOrSet("book:42", broken));

await Promise.all([cache.stop(), other.stop()]);
await Promise.all([redis.close(), elsewhere.close()]);

// Output:
// 200 callers of two processes got 100; the source was asked 1 time(s)
// after the invalidation: { price: 90 }
// while the source is away: { price: 90 }
