/** What is measured, on how many calls, and what redlua is to reach. */

const flexible = (times) => ({ times, over: ["rate-limiter-flexible"] });
const locks = { times: 1, over: ["redis-semaphore", "redlock"] };
const bento = (times) => ({ times, over: ["bentocache"] });

const loads = { many: "10,000 identities", hot: "one identity", denied: "99 % denied" };
// One caller waits for a round trip each time, so a tenth of the calls takes as long. What asks nobody is faster by far.
const tenth = (ops) => Math.ceil(ops / 10);
const all = (ops) => ops;

/**
 * @typedef {object} Measure
 * @property {string} block
 * @property {string} measure a function of child.mjs
 * @property {object} [argument]
 * @property {(ops: number) => number} ops
 * @property {string} title of its row
 * @property {{ times: number, over: readonly string[] } | { perSecond: number }} target so many times as fast as each of some
 *   peers, or so many calls a second
 *
 * @type {Record<string, Measure>}
 */
export const measures = {
  ...Object.fromEntries(
    [1, 200].flatMap((callers) =>
      Object.entries(loads).map(([load, said]) => [
        `rate-limit-${callers}-${load}`,
        {
          block: "rate-limit",
          measure: "rateLimit",
          argument: { callers, load },
          ops: callers === 1 ? tenth : all,
          title: `${called(callers)}, ${said}`,
          target: flexible(callers === 1 ? 1 : 2),
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    [1, 50].map((callers) => [
      `lock-${callers}`,
      {
        block: "lock",
        measure: "lock",
        argument: { callers },
        ops: callers === 1 ? tenth : all,
        title: `acquire and release, ${called(callers)}`,
        target: locks,
      },
    ]),
  ),
  "cache-memory": {
    block: "cache",
    measure: "hit",
    argument: { callers: 1, tiers: "both" },
    ops: (ops) => 20 * ops,
    title: "hit in memory, 1 caller",
    target: bento(5),
  },
  ...Object.fromEntries(
    ["redis", "small"].flatMap((tiers) =>
      [1, 100].map((callers) => [
        `cache-${tiers}-${callers}`,
        {
          block: "cache",
          measure: "hit",
          argument: { callers, tiers },
          ops: callers === 1 ? tenth : all,
          title: `hit in Redis, ${tiers === "redis" ? "no memory tier" : "not in memory"}, ${called(callers)}`,
          target: bento(1.2),
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    [1, 100].map((callers) => [
      `cache-fill-${callers}`,
      {
        block: "cache",
        measure: "fill",
        argument: { callers },
        ops: callers === 1 ? tenth : all,
        title: `cold fill, ${called(callers)}`,
        target: bento(1.2),
      },
    ]),
  ),
  "breaker-closed": {
    block: "breaker",
    measure: "breaker",
    ops: (ops) => 40 * ops,
    title: "execute while closed, 1 caller",
    target: { perSecond: 1_000_000 },
  },
};

/** The names of the measures of each block. */
export const blocks = Object.fromEntries(
  [...new Set(Object.values(measures).map(({ block }) => block))].map((block) => [
    block,
    Object.keys(measures).filter((name) => measures[name].block === block),
  ]),
);

function called(callers) {
  return callers === 1 ? "1 caller" : `${callers} callers`;
}
