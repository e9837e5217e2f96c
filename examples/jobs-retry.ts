/** Attempts that fail are tried again, later each time; a handler may know better when, or that there is no use. */
import { connect } from "redlua";
import { Queue } from "redlua/jobs";
import { retryAfter, snooze, unrecoverable, Worker } from "redlua/worker";

const prefix = `example-${process.pid}`;
const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix });

type Jobs = { fetch: { from: string } };
const queue = new Queue<Jobs>(redis, "fetch", {
  backoff: { base: "50ms", factor: 2, max: "1s", jitter: "none" },
  keepCompleted: { age: "1m" },
  keepFailed: { age: "1m" },
});

let snoozed = false;
const worker = new Worker(queue, {
  fetch: async ({ payload: { from } }, { attempt }) => {
    if (from === "slow" && attempt < 3) throw new Error("no answer");
    if (from === "busy" && attempt === 1) throw retryAfter("20ms", "429: ask again in 20 ms");
    if (from === "early" && !snoozed) {
      snoozed = true;
      return snooze("20ms");
    }
    if (from === "nowhere") throw unrecoverable("there is no such place");
    return `fetched at attempt ${attempt}`;
  },
});
await worker.start();

for (const from of ["slow", "busy", "early", "nowhere"]) {
  const { id } = await queue.add("fetch", { from });
  const job = await queue.wait(id);
  console.log(`${from}: ${job?.status}, ${job?.result ?? job?.error?.message}; ${job?.errors.length} errors`);
}

await worker.stop();
await redis.send(["UNLINK", `${prefix}:${queue.store.keys.meta}`], { key: `${prefix}:${queue.store.keys.meta}`, resend: "ok" });
await redis.close();

// Output:
// slow: completed, fetched at attempt 3; 2 errors
// busy: completed, fetched at attempt 2; 1 errors
// early: completed, fetched at attempt 1; 0 errors
// nowhere: failed, there is no such place; 1 errors
