/** One measure of one contestant, in a process of its own: see `inChild` in ../measure.mjs. */
import { Redis } from "ioredis";
import RedisMock from "ioredis-mock";
import { createEmbedded } from "../../dist/embedded/index.js";
import { connect } from "../../dist/index.js";
import { Queue } from "../../dist/jobs/index.js";
import { Worker } from "../../dist/worker/index.js";
import { payloadOf } from "../jobs/work.mjs";
import { argumentsOf, check, reduced, script } from "./script.mjs";

// Whoever started this process is gone, and nobody will hear of a result.
process.on("disconnect", () => process.exit(1));

const { measure, contestant, target, ops } = JSON.parse(process.argv[2]);

const measured = {
  "script-sequential": scriptPerSecond,
  "jobs-process": jobsProcessed,
  "jobs-add": jobsAdded,
  fresh: freshMs,
  memory: memoryMiB,
};

try {
  const result = await measured[measure]();
  const { user, system } = process.cpuUsage();
  process.send({ result, cpuMs: (user + system) / 1_000 }, () => process.exit(0));
} catch (error) {
  process.send({ error: error.stack ?? String(error) }, () => process.exit(1));
}

/** Calls a second of the script, after a warm-up of a fifth. ioredis-mock, a hundred times slower, gets a hundredth of the calls. */
async function scriptPerSecond() {
  const { call, name, calls } = await scriptCaller();
  for (let n = 0; n < calls / 5; n++) await call(n);
  const startedAt = performance.now();
  let last;
  for (let n = 0; n < calls; n++) last = await call(n);
  const perSecond = (calls * 1_000) / (performance.now() - startedAt);
  check(last, name);
  return perSecond;
}

async function scriptCaller() {
  if (contestant === "embedded") {
    const redis = createEmbedded();
    const sha = redis.execute("SCRIPT", "LOAD", script);
    return { name: "ann", calls: ops, call: (n) => redis.execute("EVALSHA", sha, "2", ...argumentsOf(n)) };
  }
  if (contestant === "embedded-port") {
    const redis = await connect("memory:");
    const sha = await redis.send(["SCRIPT", "LOAD", script], { resend: "ok" });
    return { name: "ann", calls: ops, call: (n) => redis.send(["EVALSHA", sha, "2", ...argumentsOf(n)], { resend: "never" }) };
  }
  if (contestant === "ioredis-mock") {
    const redis = new RedisMock();
    return { name: argumentsOf(0)[4], calls: Math.ceil(ops / 100), call: (n) => redis.eval(reduced, 2, ...argumentsOf(n)) };
  }
  const redis = new Redis(target.port, target.host);
  const sha = await redis.script("LOAD", script);
  return { name: "ann", calls: Math.ceil(ops / 10), call: (n) => redis.evalsha(sha, 2, ...argumentsOf(n)) };
}

async function openQueue() {
  const redis = await connect(contestant === "redis" ? target.url : "memory:");
  return { redis, queue: new Queue(redis, "bench") };
}

/** Adds jobs by so many callers, each one after the other. */
async function add(queue, count, callers) {
  let next = 0;
  const caller = async () => {
    while (next < count) await queue.add("work", payloadOf(next++));
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

async function jobsAdded() {
  const { redis, queue } = await openQueue();
  await add(queue, ops / 5, 100);
  const startedAt = performance.now();
  await add(queue, ops, 100);
  const perSecond = (ops * 1_000) / (performance.now() - startedAt);
  const { queued } = await queue.stats();
  if (queued !== ops + ops / 5) throw new Error(`${ops + ops / 5} jobs were added, and ${queued} are there`);
  await redis.close();
  return perSecond;
}

async function jobsProcessed() {
  const { redis, queue } = await openQueue();
  const warm = ops / 5;
  await add(queue, warm + ops, 1_000);
  let done = 0;
  let startedAt;
  let finished;
  const all = new Promise((resolve) => {
    finished = resolve;
  });
  const work = () => {
    done++;
    if (done === warm) startedAt = performance.now();
    if (done === warm + ops) finished(performance.now());
    return { done };
  };
  const worker = new Worker(queue, { work }, { concurrency: 100 });
  await worker.start();
  const perSecond = (ops * 1_000) / ((await all) - startedAt);
  await worker.stop();
  const { completed } = await queue.stats();
  if (completed !== warm + ops) throw new Error(`${warm + ops} jobs ran, and ${completed} are completed`);
  await redis.close();
  return perSecond;
}

/** The mean of a thousand, after a hundred. */
async function freshMs() {
  const fresh = contestant === "embedded" ? () => createEmbedded().execute("SET", "a", "1") : () => new RedisMock().set("a", "1");
  for (let n = 0; n < 100; n++) await fresh();
  const startedAt = performance.now();
  for (let n = 0; n < 1_000; n++) await fresh();
  return (performance.now() - startedAt) / 1_000;
}

/** What a million keys of 10 to 16 bytes with values of 20 add: to the process' memory here, to `used_memory` there. */
async function memoryMiB() {
  const keys = 1_000_000;
  const value = (n) => `value-${String(n).padStart(14, "0")}`;
  if (contestant === "embedded") {
    const redis = createEmbedded();
    redis.execute("SET", "key:0", value(0));
    const before = await residentBytes();
    for (let n = 0; n < keys; n++) redis.execute("SET", `key:${n}`, value(n));
    const bytes = (await residentBytes()) - before;
    if (redis.execute("DBSIZE") !== keys) throw new Error("Not all keys are there");
    return bytes / 2 ** 20;
  }
  const redis = new Redis(target.port, target.host);
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))[1]);
  const before = await used();
  for (let n = 0; n < keys; n += 1_000) {
    const batch = redis.pipeline();
    for (let each = n; each < n + 1_000; each++) batch.set(`key:${each}`, value(each));
    await batch.exec();
  }
  return ((await used()) - before) / 2 ** 20;
}

/** Memory in use once what nobody needs has gone. */
async function residentBytes() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
