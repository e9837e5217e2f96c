/** A test of a rate limit that holds for an hour, in a millisecond: Redis in this process, and a clock that the test turns. */
import { createEmbedded, ManualClock } from "redlua/embedded";
import { RateLimiter } from "redlua/rate-limit";

const clock = new ManualClock();
await using redis = createEmbedded({ clock });

// A limiter remembers denials by the clock of its process; here each question is to be asked.
const asked = { rememberDenials: { count: 0 } } as const;
const limiter = new RateLimiter(redis.connect(), { name: "sms", limit: 2, per: "1h", onUnavailable: "closed", ...asked });
const ask = async (): Promise<string> => (await limiter.consume("ada")).outcome;
console.log(await ask(), await ask(), await ask());

// A snapshot is a copy: what happens afterwards can be taken back.
const before = redis.dump();
clock.advance("30m");
console.log("after half an hour:", await ask());
redis.restore(before);
console.log("as if it had not been asked:", await ask(), await ask());

// Any command, here and now.
redis.execute("SET", "code", "1234", "EX", "60");
console.log(redis.execute("GET", "code"), redis.execute("EVAL", "return {KEYS[1], cjson.encode({1, 2})}", "1", "key"));
clock.advance("1m");
console.log(redis.execute("GET", "code"));

// Output:
// allowed allowed denied
// after half an hour: allowed
// as if it had not been asked: allowed denied
// 1234 [ 'key', '[1,2]' ]
// null
