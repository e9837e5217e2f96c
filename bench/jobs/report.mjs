/** What is printed at the end: the conditions, one table, and what a reader must know to read it. */
import { cell, table } from "../table.mjs";
import { load } from "./contestants/contestant.mjs";

/** @returns {Promise<string>} */
export async function report(results) {
  const contestants = Object.keys(results.versions);
  const loaded = new Map(await Promise.all(contestants.map(async (name) => [name, await load(name)])));
  const head = ["", ...contestants.map((name) => `${loaded.get(name).title} ${results.versions[name]}`.trim())];
  const figures = Object.values(results.measures).flatMap((measure) =>
    Object.entries(measure).map(([title, outcomes]) => [
      title,
      ...contestants.map((name, index) => cell(outcomes[name], { first: index === 0 })),
    ]),
  );
  const kept = ["kept of a finished job", ...contestants.map((name) => loaded.get(name).keeps)];
  const remarks = [...loaded.values()].flatMap(({ title, remark }) => (remark === undefined ? [] : [`${title}: ${remark}.`]));
  return [
    conditions(results),
    "",
    table(head, [...figures, kept]),
    "",
    "×: the ratio to redlua, taken round by round. ±: how far the rounds lie apart.",
    ...remarks,
    ...failures(results, loaded),
  ].join("\n");
}

function conditions(results) {
  const { startedAt, cpu, os, node, redis, jobs, rounds, payloadBytes, loadBefore, loadAfter, othersShare, tookSeconds } =
    results;
  return [
    `${startedAt.slice(0, 10)}, ${cpu}, ${os}, Node ${node}, Redis ${redis} on loopback without persistence`,
    `${jobs.toLocaleString("en-US")} jobs of ${payloadBytes} bytes, ${rounds} rounds in turns, ${tookSeconds} s`,
    `load ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after; others used ${Math.round(othersShare * 100)}% of the processors`,
  ].join("\n");
}

function failures({ measures }, loaded) {
  const all = Object.values(measures).flatMap((measure) => {
    const [outcomes] = Object.values(measure);
    const name = Object.keys(measure)[0];
    return Object.entries(outcomes).flatMap(([contestant, { failures: texts }]) =>
      texts.map((text) => `FAILED: ${loaded.get(contestant).title}, ${name}: ${text.split("\n").slice(0, 3).join(" ")}`),
    );
  });
  return all.length === 0 ? [] : ["", ...all];
}
