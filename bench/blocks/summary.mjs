/** From single turns to medians and ratios, and whether the target was met. */
import { compare } from "../measure.mjs";

/**
 * @param {import("./measures.mjs").Measure} measure
 * @param {Record<string, { values: readonly Record<string, number>[], failures: readonly string[] }>} outcomes
 */
export function summarize({ target }, outcomes) {
  const perSecond = compare(read(outcomes, "perSecond"));
  return {
    perSecond,
    nodeUs: compare(read(outcomes, "nodeUs")),
    redisUs: compare(read(outcomes, "redisUs")),
    cpuUs: compare(read(outcomes, "cpuUs")),
    reads: compare(read(outcomes, "reads")),
    target: judge(target, outcomes, perSecond),
  };
}

/** What redlua reached of its target; of several peers, beside the fastest. */
function judge(target, outcomes, perSecond) {
  const { median } = perSecond.redlua;
  if (median === undefined) return { reached: undefined, met: false };
  if (target.perSecond !== undefined) return { reached: median, met: median >= target.perSecond };
  const peers = target.over.filter((name) => perSecond[name].median !== undefined);
  if (peers.length < target.over.length) return { reached: undefined, met: false };
  const all = read(outcomes, "perSecond");
  const ratios = peers.map((name) => compare(new Map([name, "redlua"].map((each) => [each, all.get(each)]))).redlua.ratio);
  const reached = Math.min(...ratios);
  return { reached, met: reached >= target.times };
}

function read(outcomes, figure) {
  return new Map(
    Object.entries(outcomes).map(([name, { values, failures }]) => [
      name,
      { values: values.map((each) => each[figure]), failures },
    ]),
  );
}
