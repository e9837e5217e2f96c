/** Add jobs, run them, read their results. */
import { connect } from "redlua";
import { Queue } from "redlua/jobs";
import { Worker } from "redlua/worker";

const prefix = `example-${process.pid}`;
const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix });

type Jobs = { welcome: { to: string }; invoice: { order: number } };
const queue = new Queue<Jobs>(redis, "mail", { keepCompleted: { age: "1m" } });

const worker = new Worker(queue, {
  welcome: async (job) => `Welcome, ${job.payload.to}!`,
  invoice: async (job, { progress }) => {
    await progress({ written: 1, of: 2 });
    return { invoice: job.payload.order + 1000 };
  },
});
await worker.start();

const welcome = await queue.add("welcome", { to: "Ada" });
const invoice = await queue.add("invoice", { order: 7 }, { id: "invoice-7", delay: "100ms", maxRetries: 5 });
const again = await queue.add("invoice", { order: 7 }, { id: "invoice-7" });
console.log("added:", welcome.created, invoice.created, again.created);

console.log((await queue.wait(welcome.id))?.result);
const done = await queue.wait(invoice.id);
console.log(done?.status, done?.result, done?.progress);
const { queued, inProgress, completed } = await queue.stats();
console.log({ queued, inProgress, completed });

await worker.stop();
// What a queue has counted has no TTL: it is what the queue is.
await redis.send(["UNLINK", `${prefix}:${queue.store.keys.meta}`], { key: `${prefix}:${queue.store.keys.meta}`, resend: "ok" });
await redis.close();

// Output:
// added: true true false
// Welcome, Ada!
// completed { invoice: 1007 } { written: 1, of: 2 }
// { queued: 0, inProgress: 0, completed: 2 }
