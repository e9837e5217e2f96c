/** What is printed at the end: the conditions, a table for each block, and what a reader must know to read them. */
import { versionOf } from "../install.mjs";
import { cell, figure, table } from "../table.mjs";
import { contestantsOf, load } from "./contestants/contestant.mjs";
import { blocks, measures } from "./measures.mjs";

const titles = {
  "rate-limit": "Rate limit: calls/s",
  lock: "Lock: acquire and release, times/s",
  cache: "Cache: getOrSet/s",
  breaker: "Circuit breaker: calls/s",
};

/** @returns {Promise<string>} */
export async function report(results) {
  const measured = Object.keys(blocks).filter((block) => blocks[block].some((name) => name in results.measures));
  const sections = await Promise.all(measured.map((block) => section(block, results)));
  return [
    conditions(results),
    ...sections,
    "",
    "×: the ratio to redlua, taken round by round. ±: how far the rounds lie apart. Target: redlua's ratio to a peer, of several to the",
    "fastest; or its calls a second. Below: processor time a call of the Node process and of the Redis process, and how often Redis read",
    "from a socket for it: with one caller the round trips.",
    ...failures(results),
  ].join("\n");
}

async function section(block, { measures: measured, with: more }) {
  const names = contestantsOf(block, more);
  const loaded = await Promise.all(names.map((name) => load(block, name)));
  const rows = blocks[block].filter((name) => name in measured).map((name) => ({ ...measured[name], ...measures[name], name }));
  const heads = loaded.map(({ title, package: name }) => (name === undefined ? title : `${title} ${versionText(name)}`));
  const speed = rows.map(({ name, title, perSecond, target }) => [
    title,
    ...names.map((each, index) => cell(perSecond[each], { first: index === 0 })),
    wanted(target),
    reached(measured[name].target),
  ]);
  const cost = rows.map((row) => [row.title, ...names.map((each, index) => costCell(row, each, { first: index === 0 }))]);
  return [
    "",
    table([titles[block], ...heads, "target", "reached"], speed),
    "",
    table(["µs of Node + of Redis, reads", ...loaded.map(({ title }) => title)], cost),
    "",
    ...loaded.flatMap(({ title, remark }) => (remark === undefined ? [] : [`- ${title}: ${remark}.`])),
  ].join("\n");
}

function versionText(name) {
  return versionOf(name).replace(/^v/, "");
}

function wanted({ times, perSecond }) {
  return perSecond === undefined ? `≥ ${figure(times)}` : `≥ ${perSecond.toLocaleString("en-US")}/s`;
}

/** For the reader; whether a target is met does not decide how the run ends. */
function reached({ reached: value, met }) {
  if (value === undefined) return "unknown";
  return `${figure(value)} ${met ? "met" : "MISSED"}`;
}

function costCell({ nodeUs, redisUs, cpuUs, reads }, name, { first }) {
  if (cpuUs[name].median === undefined) return "failed";
  const ratio = first ? "" : ` ×${figure(cpuUs[name].ratio)}`;
  return `${figure(nodeUs[name].median)} + ${figure(redisUs[name].median)}${ratio}, ${figure(reads[name].median)}`;
}

function conditions({
  startedAt,
  cpu,
  os,
  node,
  redis,
  ops,
  rounds,
  payloadBytes,
  loadBefore,
  loadAfter,
  othersShare,
  tookSeconds,
}) {
  return [
    `${startedAt.slice(0, 10)}, ${cpu}, ${os}, Node ${node}, Redis ${redis} on loopback without persistence`,
    `--ops ${ops} --rounds ${rounds}, in turns, ${payloadBytes} bytes a cached value, ${tookSeconds} s`,
    `load ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after; others used ${Math.round(othersShare * 100)}% of the processors`,
  ].join("\n");
}

function failures({ details }) {
  const all = Object.entries(details).flatMap(([name, outcomes]) =>
    Object.entries(outcomes).flatMap(([contestant, { failures: texts }]) =>
      texts.map((text) => `FAILED: ${contestant}, ${name}: ${text.split("\n").slice(0, 3).join(" ")}`),
    ),
  );
  return all.length === 0 ? [] : ["", ...all];
}
