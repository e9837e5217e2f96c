/**
 * A program whose handler never ends. It stops its worker, and then has nothing left to wait for.
 *
 * Usage: stuck-program.mjs <url> <queue>
 */
import { connect } from "redlua/client";
import { Queue } from "redlua/jobs";
import { Worker } from "redlua/worker";

const [url, name] = process.argv.slice(2);
const redis = await connect(url);
const queue = new Queue(redis, name);
await queue.add("n", 1);
await new Promise((begun) => {
  const handler = () => {
    begun();
    return new Promise(() => {});
  };
  const worker = new Worker(queue, handler, { stopTimeout: 0 });
  void worker.start();
  process.once("SIGTERM", () => worker.stop().then(() => redis.close()));
});
process.send("begun");
process.disconnect();
