/** Rate limits: GCRA with a burst, a cost, a denial that says when to come back, several limits at once, and places at once. */
import { connect } from "redlua";
import { ConcurrencyLimiter, RateLimiter, rateLimitHeaders } from "redlua/rate-limit";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const limiter = new RateLimiter(redis, { name: "api", limit: 60, per: "1h", burst: 5, onUnavailable: "closed" });
const first = await limiter.consume("user:1", { cost: 2 });
if (first.outcome === "allowed") console.log("remaining:", first.remaining);

const callers = await Promise.all(Array.from({ length: 200 }, () => limiter.consume("user:1")));
console.log("200 callers at once, allowed:", callers.filter(({ allowed }) => allowed).length);

const denied = await limiter.consume("user:1");
if (denied.outcome === "denied") {
  console.log("denied, back within a minute:", (denied.retryInMs ?? 0) <= 60_000, "asked Redis:", !denied.remembered);
}
await limiter.refund("user:1", 2);
console.log("after a refund:", (await limiter.peek("user:1")).remaining);

const both = new RateLimiter(redis, {
  name: "signup",
  onUnavailable: "closed",
  policies: [
    { name: "minute", limit: 2, per: "1m" },
    { name: "day", limit: 10, per: "1d", algorithm: "fixed-window" },
  ],
});
console.log(rateLimitHeaders(await both.consume("10.0.0.1"), "draft-8"));

const exports = new ConcurrencyLimiter(redis, { name: "exports", limit: 1, onUnavailable: "closed" });
const place = await exports.consume("user:1");
console.log("a place:", place.allowed, "another:", (await exports.consume("user:1")).allowed);
if (place.allowed) await place.permit?.release();
console.log("released, and taken:", (await exports.consume("user:1")).allowed);

await redis.close();

// Output:
// remaining: 3
// 200 callers at once, allowed: 3
// denied, back within a minute: true asked Redis: false
// after a refund: 2
// {
//   'ratelimit-policy': '"minute";q=2;w=60, "day";q=10;w=86400',
//   ratelimit: '"minute";r=1;t=30, "day";r=9;t=86400'
// }
// a place: true another: false
// released, and taken: true
