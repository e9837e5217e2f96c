/** Two workers share an account. One is too slow, and what it writes too late is refused. */
import { connect } from "redlua/client";
import { LeaseLostError, Lock, Semaphore, writeFenced } from "redlua/lock";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });
const lock = new Lock(redis, { lease: "10s", wait: "5s" });

// One at a time: nobody reads a balance that somebody else is about to change.
let balance = 100;
await Promise.all(
  [30, 20, 10].map((price) =>
    lock.using("account:ada", async () => {
      const read = balance;
      await redis.send(["PING"], { resend: "ok" });
      balance = read - price;
    }),
  ),
);
console.log(`balance: ${balance}`);

// Whoever does not want to wait is told who holds it.
const slow = await lock.acquire("account:ada", { lease: "1s" });
const attempt = await lock.tryAcquire("account:ada");
console.log(`second caller: ${attempt.granted ? "granted" : "held by somebody else"}`);

// An operator takes it away; the slow holder hears of it, and the next one has a larger token.
const lost = new Promise<void>((done) => slow.signal.addEventListener("abort", () => done()));
await lock.forceRelease("account:ada");
const next = await lock.acquire("account:ada");
console.log(`the next token is larger: ${next.token > slow.token}`);

const record = { fields: { balance: "40" }, ttl: "1m" } as const;
console.log("next holder:", (await writeFenced(redis, "{account:ada}:record", { ...record, token: next.token })).written);
console.log("slow holder:", (await writeFenced(redis, "{account:ada}:record", { ...record, token: slow.token })).written);
await next.release();

await lost;
try {
  slow.assert();
} catch (error) {
  if (error instanceof LeaseLostError) console.log(`slow holder: ${error.code}`);
}

// More than one at once, but never more than three.
const semaphore = new Semaphore(redis, { limit: 3 });
let inside = 0;
let most = 0;
await Promise.all(
  Array.from({ length: 12 }, () =>
    semaphore.using("printer", async () => {
      most = Math.max(most, ++inside);
      await redis.send(["PING"], { resend: "ok" });
      inside--;
    }),
  ),
);
console.log(`never more than three at once: ${most <= 3}`);

await redis.close();

// Output:
// balance: 40
// second caller: held by somebody else
// the next token is larger: true
// next holder: true
// slow holder: false
// slow holder: LOCK_LEASE_LOST
// never more than three at once: true
