/**
 * A worker as its users run it: a process of its own, over the built package. It counts each run of a job in a hash of Redis.
 *
 * Usage: worker-program.mjs <url> <queue> <concurrency>
 */
import { connect } from "redlua/client";
import { Queue } from "redlua/jobs";
import { Worker } from "redlua/worker";

const [url, name, concurrency] = process.argv.slice(2);
const redis = await connect(url);
const worker = new Worker(
  new Queue(redis, name),
  async (job) => {
    await redis.send(["HINCRBY", `ran:${name}`, job.id, "1"], { resend: "ok" });
    return job.payload;
  },
  { concurrency: Number(concurrency), lease: "1s" },
);
await worker.start();
process.on("SIGTERM", async () => {
  await worker.stop();
  await redis.close();
});
