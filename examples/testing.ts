/** A test with a Redis of its own that any client reaches, nothing installed, and the clock in its hand. */
import { connect } from "redlua";
import { Lock } from "redlua/lock";
import { ManualClock, startRedis } from "redlua/testing";

const clock = new ManualClock();
await using server = await startRedis({ clock });
const redis = await connect(server.url);
const lock = new Lock(redis, { lease: "30s", renew: false, wait: 0 });
const ask = async (): Promise<string> => ((await lock.tryAcquire("invoice:42")).granted ? "granted" : "held");

console.log(await ask(), await ask());
clock.advance("31s");
console.log("after 31 s:", await ask());

await redis.close();

// Output:
// granted held
// after 31 s: granted
