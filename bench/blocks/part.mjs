/** `npm run bench -- blocks`: rate limits, locks, caches and circuit breakers beside their peers, on the same server, in turns. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../install.mjs";
import { payloadOf } from "../jobs/work.mjs";
import { describeMachine, warning, watchMachine } from "../machine.mjs";
import { inChild, interleave } from "../measure.mjs";
import { interrupted } from "../stop.mjs";
import { fileToWrite, readArgs, someOf, whole } from "../usage.mjs";
import { bare, contestantsOf } from "./contestants/contestant.mjs";
import { blocks, measures } from "./measures.mjs";
import { report } from "./report.mjs";
import { summarize } from "./summary.mjs";

const program = fileURLToPath(new URL("child.mjs", import.meta.url));

export const usage = `npm run bench -- blocks [--ops 50000] [--rounds 5] [--only ${Object.keys(blocks).join(",")}] [--with ${bare}] [--json file]
  --only also takes single measures: ${Object.keys(measures).join(", ")}`;

/** @param {readonly string[]} args @returns {Promise<boolean>} whether every turn went well; targets do not matter */
export async function run(args) {
  const options = readArgs(args, {
    ops: { fallback: 50_000, read: whole(1_000, 10_000_000) },
    rounds: { fallback: 5, read: whole(1, 100) },
    only: { fallback: Object.keys(measures), read: someOf(Object.keys(measures), blocks) },
    with: { fallback: [], read: someOf([bare]) },
    json: { read: fileToWrite },
  });
  ensurePeers();
  // Imported here: it needs the peers' ioredis, which may just have been installed.
  const { startServer } = await import("../jobs/server.mjs");
  const { startedAt, watched, server } = { startedAt: new Date(), watched: watchMachine(), server: await startServer() };
  const spent = { cpuMs: 0 };
  const details = {};
  for (const name of options.only) {
    process.stderr.write(`${name} …\n`);
    details[name] = Object.fromEntries(await inTurns(measures[name], server, options, spent));
  }
  const { user, system } = process.cpuUsage();
  const results = {
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    ops: options.ops,
    rounds: options.rounds,
    with: options.with,
    payloadBytes: JSON.stringify(payloadOf(12_345)).length,
    redis: await server.version(),
    ...describeMachine(),
    ...watched(spent.cpuMs + (await server.cpuMs()) + (user + system) / 1_000),
    measures: Object.fromEntries(Object.entries(details).map(([name, outcomes]) => [name, summarize(measures[name], outcomes)])),
    details,
  };
  await server.stop();
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(await report(results));
  const alert = warning(results);
  if (alert !== undefined) console.error(`\n${alert}`);
  return Object.values(details).every((outcomes) => Object.values(outcomes).every(({ failures }) => failures.length === 0));
}

async function inTurns({ block, measure, argument, ops }, server, options, spent) {
  return await interleave({
    rounds: options.rounds,
    contestants: contestantsOf(block, options.with),
    turn: async (contestant) => {
      await server.redis.flushall("SYNC");
      const task = { block, contestant, measure, argument, target: server.target, ops: ops(options.ops) };
      const { result, cpuMs } = await inChild(program, task, { signal: interrupted });
      spent.cpuMs += cpuMs;
      return result;
    },
  });
}
