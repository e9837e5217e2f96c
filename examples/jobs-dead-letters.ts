/** Jobs that have no retries left are kept as dead letters: look at them, mend the cause, and play them again. */
import { connect } from "redlua";
import { Queue } from "redlua/jobs";
import { Worker } from "redlua/worker";

const prefix = `example-${process.pid}`;
const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix });

const queue = new Queue<{ pay: { amount: number } }>(redis, "payments", {
  maxRetries: 1,
  backoff: { base: "10ms", jitter: "none" },
  keepCompleted: { age: "1m" },
  keepFailed: { age: "1m" },
});

let bankIsOpen = false;
const worker = new Worker(queue, {
  pay: async ({ payload }) => {
    if (!bankIsOpen) throw new Error("the bank is closed");
    return `paid ${payload.amount}`;
  },
});
await worker.start();

const { id } = await queue.add("pay", { amount: 10 }, { id: "payment-1" });
await queue.wait(id);

const { total, jobs } = await queue.deadLetters();
console.log(`${total} dead letter`);
for (const letter of jobs) {
  // A list leaves out the error of every attempt; a job that is read has them.
  const job = await queue.get(letter.id);
  console.log(
    letter.id,
    letter.payload,
    job?.errors.map(({ attempt, message }) => `${attempt}: ${message}`),
  );
}

bankIsOpen = true;
console.log("played again:", await queue.replayAll());
console.log((await queue.wait(id))?.result);

await worker.stop();
await redis.send(["UNLINK", `${prefix}:${queue.store.keys.meta}`], { key: `${prefix}:${queue.store.keys.meta}`, resend: "ok" });
await redis.close();

// Output:
// 1 dead letter
// payment-1 { amount: 10 } [ '1: the bank is closed', '2: the bank is closed' ]
// played again: 1
// paid 10
