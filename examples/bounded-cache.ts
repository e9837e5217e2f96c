/** A cache of limited size that lives in Redis alone: the least recently used goes first, and hits are counted for everybody. */
import { connect } from "redlua";
import { BoundedCache } from "redlua/cache";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const pages = new BoundedCache(redis, "pages", { entries: 2, touch: 0 });

await pages.set("/home", "<h1>Home</h1>", { ttl: "1h" });
await pages.set("/about", "<h1>About</h1>");
console.log("hit:", await pages.get("/home"));

const { evicted } = await pages.set("/news", "<h1>News</h1>");
console.log(`evicted: ${evicted}, /about is there: ${await pages.has("/about")}, /home is there: ${await pages.has("/home")}`);
console.log("miss:", await pages.get("/about"));

const { entries, hits, misses, evictions, hitRatio } = await pages.stats();
console.log({ entries, hits, misses, evictions, hitRatio });

await pages.clear();
await redis.close();

// Output:
// hit: <h1>Home</h1>
// evicted: 1, /about is there: false, /home is there: true
// miss: undefined
// { entries: 2, hits: 1, misses: 1, evictions: 1, hitRatio: 0.5 }
