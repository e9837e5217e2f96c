/** `npm run bench -- embedded`: redlua's own engine beside ioredis-mock and a real Redis, in turns. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensurePeers, versionOf } from "../install.mjs";
import { describeMachine, warning, watchMachine } from "../machine.mjs";
import { compare, inChild, interleave } from "../measure.mjs";
import { interrupted } from "../stop.mjs";
import { cell, table } from "../table.mjs";
import { fileToWrite, readArgs, someOf, whole } from "../usage.mjs";
import { measures } from "./measures.mjs";

const program = fileURLToPath(new URL("child.mjs", import.meta.url));
const contestants = ["embedded", "embedded-port", "ioredis-mock", "redis"];

export const usage = `npm run bench -- embedded [--ops 200000] [--rounds 3] [--only ${Object.keys(measures).join(",")}] [--json file]`;

/** @param {readonly string[]} args @returns {Promise<boolean>} whether every turn went well; targets do not matter */
export async function run(args) {
  const options = readArgs(args, {
    ops: { fallback: 200_000, read: whole(10_000, 10_000_000) },
    rounds: { fallback: 3, read: whole(1, 100) },
    only: { fallback: Object.keys(measures), read: someOf(Object.keys(measures)) },
    json: { read: fileToWrite },
  });
  ensurePeers();
  // Imported here: it needs the peers' ioredis, which may just have been installed.
  const { startServer } = await import("../jobs/server.mjs");
  const startedAt = new Date();
  const watched = watchMachine();
  const server = await startServer();
  let oursMs = 0;
  const details = {};
  for (const name of options.only) {
    process.stderr.write(`${name} …\n`);
    details[name] = await interleave({
      rounds: options.rounds,
      contestants: measures[name].contestants,
      turn: async (contestant) => {
        await server.redis.flushall("SYNC");
        const task = { measure: name, contestant, target: server.target, ops: options.ops };
        const { result, cpuMs } = await inChild(program, task, { signal: interrupted, execArgv: ["--expose-gc"] });
        oursMs += cpuMs;
        return result;
      },
    });
  }
  const { user, system } = process.cpuUsage();
  const results = {
    startedAt: startedAt.toISOString(),
    ops: options.ops,
    rounds: options.rounds,
    redis: await server.version(),
    ...describeMachine(),
    ...watched(oursMs + (await server.cpuMs()) + (user + system) / 1_000),
    measures: Object.fromEntries(Object.entries(details).map(([name, outcomes]) => [name, compare(outcomes)])),
  };
  await server.stop();
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(report(results));
  const alert = warning(results);
  if (alert !== undefined) console.error(`\n${alert}`);
  return Object.values(results.measures).every((of) => Object.values(of).every(({ failures }) => failures.length === 0));
}

function report({ measures: measured, ...facts }) {
  const { startedAt, cpu, os, node, redis, ops, rounds, loadBefore, loadAfter, othersShare } = facts;
  const heads = ["redlua, in process", "redlua, memory:", `ioredis-mock ${versionOf("ioredis-mock")}`, `Redis ${redis}, ioredis`];
  const rows = Object.entries(measured).map(([name, of]) => [
    measures[name].title,
    ...contestants.map((each) => cell(of[each], { first: each === measures[name].contestants[0] })),
  ]);
  const targets = Object.entries(measured).flatMap(([name, of]) =>
    measures[name].targets.map(({ text, met }) => `- ${measures[name].title}: ${text}: ${isMet(of, met)}`),
  );
  const failed = Object.entries(measured).flatMap(([name, of]) =>
    Object.entries(of).flatMap(([each, { failures }]) =>
      failures.map((text) => `FAILED: ${each}, ${name}: ${text.split("\n")[0]}`),
    ),
  );
  return [
    `${startedAt.slice(0, 10)}, ${cpu}, ${os}, Node ${node}, Redis ${redis} on loopback without persistence`,
    `--ops ${ops} --rounds ${rounds}, in turns; load ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after; others used ${Math.round(othersShare * 100)}% of the processors`,
    "",
    table(["", ...heads], rows),
    "",
    ...targets,
    "",
    "×: the ratio to the first of its line, taken round by round. ±: how far the rounds lie apart. ioredis-mock runs the script without TIME and",
    "cjson, which it lacks. redlua's memory is what its heap grew by; Redis' what used_memory grew by.",
    ...failed,
  ].join("\n");
}

function isMet(of, met) {
  return Object.values(of).some(({ median }) => median === undefined) ? "unknown" : met(of) ? "met" : "MISSED";
}
