/** `npm run bench -- jobs`: redlua's job queue beside its peers, on the same server, in turns. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensurePeers, versionOf } from "../install.mjs";
import { describeMachine, warning, watchMachine } from "../machine.mjs";
import { compare, inChild, interleave } from "../measure.mjs";
import { interrupted } from "../stop.mjs";
import { fileToWrite, readArgs, someOf, whole } from "../usage.mjs";
import { bare, contestants } from "./contestants/contestant.mjs";
import { report } from "./report.mjs";
import { payloadOf } from "./work.mjs";

const program = fileURLToPath(new URL("child.mjs", import.meta.url));

/** What is measured: which function of measures.mjs, on how many jobs, and the rows that come of it. */
const measures = {
  add: { measure: "add", jobs: (jobs) => jobs, rows: { "": "add, 100 callers: jobs/s" } },
  bulk: { measure: "bulk", jobs: (jobs) => jobs, rows: { "": "add, 1,000 a call: jobs/s" } },
  // One job at a time is one round trip or more each, so a tenth of the jobs takes as long.
  "process-1": { measure: "process", argument: 1, jobs: tenth, rows: { "": "process, concurrency 1: jobs/s" } },
  "process-100": { measure: "process", argument: 100, jobs: (jobs) => jobs, rows: { "": "process, concurrency 100: jobs/s" } },
  "process-1000": {
    measure: "process",
    argument: 1_000,
    jobs: (jobs) => jobs,
    rows: { "": "process, concurrency 1,000: jobs/s" },
  },
  latency: {
    queuesOnly: true,
    measure: "latency",
    jobs: () => 300,
    rows: { p50: "add to start, idle: p50, ms", p99: "add to start, idle: p99, ms" },
  },
  cost: {
    measure: "cost",
    jobs: (jobs) => Math.ceil(jobs / 2),
    rows: {
      commands: "Redis commands a job",
      redisUs: "Redis processor time a job, µs",
      nodeUs: "Node processor time a job, µs",
      bytes: "Redis memory a finished job, bytes",
    },
  },
  idle: { queuesOnly: true, rows: { perMinute: "idle worker: round trips a minute" } },
};

const groups = { process: Object.keys(measures).filter((name) => name.startsWith("process-")) };

export const usage = `npm run bench -- jobs [--jobs 50000] [--rounds 5] [--only ${Object.keys(measures).join(",")}] [--with ${bare}] [--idle-seconds 120] [--json file]`;

/** @param {readonly string[]} args @returns {Promise<boolean>} whether every turn went well */
export async function run(args) {
  const options = readArgs(args, {
    jobs: { fallback: 50_000, read: whole(100, 1_000_000) },
    rounds: { fallback: 5, read: whole(1, 100) },
    only: { fallback: Object.keys(measures), read: someOf(Object.keys(measures), groups) },
    with: { fallback: [], read: someOf([bare]) },
    "idle-seconds": { fallback: 120, read: whole(60, 3_600) },
    json: { read: fileToWrite },
  });
  const asked = [...contestants, ...options.with];
  ensurePeers();
  // Imported here: it needs the peers' ioredis, which may just have been installed.
  const { startServer } = await import("./server.mjs");
  const { countIdle } = await import("./idle.mjs");
  const { startedAt, watched, server } = { startedAt: new Date(), watched: watchMachine(), server: await startServer() };
  const spent = { cpuMs: 0 };
  const measured = {};
  for (const name of options.only) {
    say(`${name} …`);
    measured[name] =
      name === "idle"
        ? await idleTogether(countIdle, options["idle-seconds"], spent)
        : await inTurns(measures[name], server, { ...options, asked }, spent);
  }
  const results = {
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    jobs: options.jobs,
    rounds: options.rounds,
    payloadBytes: JSON.stringify(payloadOf(12_345)).length,
    versions: Object.fromEntries(asked.map((name) => [name, name === bare ? "" : versionOf(name)])),
    redis: await server.version(),
    ...describeMachine(),
    ...watched(spent.cpuMs + (await server.cpuMs()) + ownCpuMs()),
    measures: Object.fromEntries(
      Object.entries(measured).map(([name, outcomes]) => [name, rowsOf(measures[name].rows, outcomes)]),
    ),
    details: Object.fromEntries(Object.entries(measured).map(([name, outcomes]) => [name, Object.fromEntries(outcomes)])),
  };
  await server.stop();
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(await report(results));
  const alert = warning(results);
  if (alert !== undefined) console.error(`\n${alert}`);
  return Object.values(measured).every((outcomes) => [...outcomes.values()].every(({ failures }) => failures.length === 0));
}

function tenth(jobs) {
  return Math.max(100, Math.ceil(jobs / 10));
}

async function inTurns({ measure, argument, jobs, queuesOnly }, server, options, spent) {
  return await interleave({
    rounds: options.rounds,
    contestants: queuesOnly ? contestants : options.asked,
    turn: async (contestant) => {
      await server.redis.flushall("SYNC");
      const task = { contestant, measure, argument, target: server.target, jobs: jobs(options.jobs) };
      const { result, cpuMs } = await inChild(program, task, { signal: interrupted });
      spent.cpuMs += cpuMs;
      return result;
    },
  });
}

/** All four wait at the same time: waiting disturbs nobody. */
async function idleTogether(countIdle, seconds, spent) {
  const outcomes = await Promise.all(
    contestants.map((contestant) =>
      interleave({ rounds: 1, contestants: [contestant], turn: (name) => countIdle(name, seconds) }),
    ),
  );
  const together = new Map(outcomes.flatMap((each) => [...each]));
  for (const { values } of together.values()) for (const { cpuMs } of values) spent.cpuMs += cpuMs;
  return together;
}

/** A row a figure: a measure of one figure answers a number, one of several an object. */
function rowsOf(rows, outcomes) {
  return Object.fromEntries(
    Object.entries(rows).map(([key, title]) => {
      const figures = [...outcomes].map(([contestant, { values, failures }]) => [
        contestant,
        { values: values.map((value) => (key === "" ? value : value[key])), failures },
      ]);
      return [title, compare(new Map(figures))];
    }),
  );
}

function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
