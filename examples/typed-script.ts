/** A Lua script as a typed function: keys, arguments and reply by name, and every outcome a value. */
import { connect } from "redlua";
import { defineScript, run } from "redlua/script";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const swap = defineScript({
  name: "price.swap",
  keys: { price: "string" },
  args: { expect: { nullable: "integer" }, value: "integer", keep: "duration" },
  reply: { outcomes: { swapped: {}, differs: { current: { nullable: "integer" } } } },
  writes: "once",
  lua: `
    local price = KEYS[1]
    local expect, value, keep_ms = ARGV[1], ARGV[2], ARGV[3]
    local current = redis.call("GET", price)
    if (current or "") ~= expect then return { "differs", current } end
    redis.call("SET", price, value, "PX", keep_ms)
    return { "swapped" }`,
});

const price = { price: "price:42" };

const first = await run(redis, swap, price, { value: 100, keep: "1m" });
console.log("set at first:", first.outcome);

const second = await run(redis, swap, price, { expect: 100, value: 99, keep: "1m" });
console.log("lowered:", second.outcome);

const third = await run(redis, swap, price, { expect: 100, value: 98, keep: "1m" });
if (third.outcome === "differs") console.log("somebody was faster, it is", third.current);

try {
  await run(redis, swap, price, { expect: 99, value: 97.5, keep: "1m" });
} catch (error) {
  console.log((error as Error).message);
}

await redis.close();

// Output:
// set at first: swapped
// lowered: swapped
// somebody was faster, it is 99
// price.swap: value must be a whole number up to 2^53 - 1, not 97.5.
