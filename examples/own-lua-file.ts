/** A script in a file of its own: `stock/reserve.lua`, and what `redlua gen` makes of its header. */
import { connect } from "redlua";
import { run } from "redlua/script";
import { reserve } from "./stock/scripts.gen.ts";

const prefix = `example-${process.pid}`;
const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix });

// The braces make the two keys share a slot: a script works on one node of a cluster.
const keys = { stock: "stock:{42}", reserved: "stock:{42}:reserved" };
await redis.send(["SET", `${prefix}:${keys.stock}`, "3", "EX", "60"], { key: `${prefix}:${keys.stock}`, resend: "ok" });

for (const [order, count] of [
  ["ada", 2],
  ["ada", 2],
  ["bob", 2],
] as const) {
  const reply = await run(redis, reserve, keys, { order, count, holdMs: "1m" });
  console.log(`${order} wants ${count}: ${reply.outcome}, ${reply.left} left`);
}

await redis.close();

// Output:
// ada wants 2: reserved, 1 left
// ada wants 2: reserved, 1 left
// bob wants 2: short, 1 left
