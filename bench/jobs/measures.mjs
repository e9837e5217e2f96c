/**
 * What is measured, from inside one contestant's process. Each measure warms up first, on a queue of its own, and none counts before
 * Redis says that the work is done.
 */
import { percentile } from "../measure.mjs";
import { payloadOf, payloads, resultOf, Tally } from "./work.mjs";

/** Callers that add at once, in `add` and `cost`. */
const callers = 100;
/** Jobs in one bulk call. */
const bulkSize = 1_000;
/** From the last handler's end until its outcome is in Redis. */
const finishMsMax = 30_000;
/** Between two jobs of `latency`, so that the worker is idle again: long for a worker, short for the patience of a reader. */
const latencyGapMs = { min: 10, more: 10 };

/**
 * @typedef {object} Bench
 * @property {import("./contestants/contestant.mjs").Contestant} contestant
 * @property {import("./contestants/contestant.mjs").Target} target
 * @property {import("ioredis").Redis} redis for questions to the server, beside the contestant's own connections
 * @property {number} jobs
 */

/** Jobs a second, added one a call by 100 callers. @param {Bench} bench */
export async function add(bench) {
  await adding(bench, "warm", warmUp(bench.jobs), addOneByOne);
  return bench.jobs / ((await adding(bench, "timed", bench.jobs, addOneByOne)) / 1_000);
}

/** Jobs a second, added 1,000 a call by one caller. @param {Bench} bench */
export async function bulk(bench) {
  await adding(bench, "warm", warmUp(bench.jobs), addInBulk);
  return bench.jobs / ((await adding(bench, "timed", bench.jobs, addInBulk)) / 1_000);
}

/** Jobs a second, from the first handler's start until Redis has every job among the finished. @param {Bench} bench */
export async function process(bench, concurrency) {
  await processing(bench, "warm", warmUp(bench.jobs), concurrency);
  return bench.jobs / ((await processing(bench, "timed", bench.jobs, concurrency)).tookMs / 1_000);
}

/** Milliseconds from the call of `add` to the start of the handler, one job at a time. @param {Bench} bench */
export async function latency({ contestant, target, jobs: samples }) {
  const producer = await contestant.produce(target, "latency", 1);
  let started = () => {};
  const consumer = await contestant.consume(target, "latency", 10, async ({ n }) => {
    started(performance.now());
    return resultOf(n);
  });
  const tookMs = [];
  const warm = Math.ceil(samples / 5);
  for (let n = 1; n <= warm + samples; n++) {
    await new Promise((resolve) => setTimeout(resolve, latencyGapMs.min + Math.random() * latencyGapMs.more));
    const start = new Promise((resolve) => {
      started = resolve;
    });
    const askedAt = performance.now();
    const added = producer.add(payloadOf(n));
    const startedAt = await start;
    await added;
    if (n > warm) tookMs.push(startedAt - askedAt);
  }
  await consumer.close();
  await producer.close();
  return { p50: percentile(tookMs, 50), p99: percentile(tookMs, 99) };
}

/** What a job costs over its life, added by 100 callers and processed at concurrency 100. @param {Bench} bench */
export async function cost(bench) {
  const { redis, jobs } = bench;
  await adding(bench, "warm", warmUp(jobs), addOneByOne);
  await processing(bench, "warm-too", warmUp(jobs), 100);
  const before = await spent(redis);
  await redis.config("RESETSTAT");
  await adding(bench, "timed", jobs, addOneByOne);
  const { asked } = await processing(bench, "timed", jobs, 100, { filled: true });
  const calls = await commandCalls(redis);
  const after = await spent(redis);
  // Our own questions are no cost of the contestant's.
  const ours = asked + 2;
  const each = (name) => (after[name] - before[name]) / jobs;
  return {
    commands: ([...calls.values()].reduce((sum, count) => sum + count, 0) - ours) / jobs,
    redisUs: each("redisUs"),
    nodeUs: each("nodeUs"),
    bytes: each("bytes"),
    calls: Object.fromEntries([...calls].map(([name, count]) => [name, count / jobs]).filter(([, count]) => count >= 0.005)),
  };
}

function warmUp(jobs) {
  return Math.min(5_000, Math.max(200, jobs));
}

async function adding({ contestant, target }, queue, count, how) {
  const producer = await contestant.produce(target, queue, 100);
  const all = payloads(count);
  const startedAt = performance.now();
  const ids = await how(producer, all);
  const tookMs = performance.now() - startedAt;
  await producer.close();
  if (new Set(ids).size !== count) throw new Error(`${count} jobs were added, and ${new Set(ids).size} ids came back`);
  return tookMs;
}

async function addOneByOne(producer, all) {
  const ids = [];
  let next = 0;
  const caller = async () => {
    while (next < all.length) ids.push(await producer.add(all[next++]));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return ids;
}

async function addInBulk(producer, all) {
  const ids = [];
  for (let from = 0; from < all.length; from += bulkSize) ids.push(...(await producer.addBulk(all.slice(from, from + bulkSize))));
  return ids;
}

async function processing({ contestant, target, redis }, queue, count, concurrency, { filled = false } = {}) {
  const producer = await contestant.produce(target, queue, concurrency);
  const ids = filled ? [] : await addInBulk(producer, payloads(count));
  const tally = new Tally(count);
  const consumer = await contestant.consume(target, queue, concurrency, tally.handle);
  await tally.done();
  const asked = await untilFinished(redis, contestant.countFinished(queue), count);
  const tookMs = performance.now() - tally.firstAt;
  tally.check();
  await consumer.close();
  if (ids.length > 0) await checkKept(contestant, producer, ids.at(-1), resultOf(count));
  await producer.close();
  return { tookMs, asked };
}

/**
 * There is no event common to all for the last job's end, so Redis is asked until it has it.
 *
 * @returns how often it was asked
 */
async function untilFinished(redis, command, count) {
  const deadline = performance.now() + finishMsMax;
  for (let asked = 1; ; asked++) {
    const finished = Number(await redis.call(...command));
    if (finished >= count) return asked;
    if (performance.now() > deadline) throw new Error(`${count} jobs were handled, and only ${finished} are finished`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What a contestant says that it keeps is kept, or the comparison is not fair. */
async function checkKept({ keeps }, producer, id, expected) {
  if (!keeps.includes("and result")) return;
  const result = await producer.resultOf(id);
  if (JSON.stringify(result) !== JSON.stringify(expected))
    throw new Error(`the result of ${id} was not kept: ${JSON.stringify(result)}`);
}

/** Calls by command since the statistics were reset: those of clients and those inside scripts alike. */
async function commandCalls(redis) {
  const info = await redis.info("commandstats");
  return new Map([...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, calls]) => [name, Number(calls)]));
}

async function spent(redis) {
  const info = `${await redis.info("cpu")}\n${await redis.info("memory")}`;
  const read = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);
  const { user, system } = globalThis.process.cpuUsage();
  return {
    redisUs: (read("used_cpu_user") + read("used_cpu_sys")) * 1e6,
    nodeUs: user + system,
    // Buffers of connections come and go, and belong to no job.
    bytes: read("used_memory") - read("mem_clients_normal"),
  };
}
