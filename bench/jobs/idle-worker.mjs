/** The side of `idle` that idles: a worker that has done one job and has nothing more to do. */
import { once } from "node:events";
import { payloadOf, Tally } from "./work.mjs";

/** Tells the parent when the worker has had its job, and goes on until it is told to end. */
export async function idle({ contestant, target, redis }) {
  redis.disconnect();
  const producer = await contestant.produce(target, "idle", 1);
  const tally = new Tally(1);
  const consumer = await contestant.consume(target, "idle", 10, tally.handle);
  await producer.add(payloadOf(1));
  await tally.done();
  await producer.close();
  process.send({ idle: true });
  await once(process, "message");
  await consumer.close();
  return true;
}
