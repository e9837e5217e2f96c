/** The conditions of a run: numbers mean nothing without them. */
import { cpus, loadavg, platform, release } from "node:os";

/** Above this share of the processors, what others did is in the numbers. */
const busyShare = 0.1;

/** What the machine is. */
export function describeMachine() {
  const processors = cpus();
  return {
    cpu: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    os: `${platform()} ${release()}`,
    node: process.version,
  };
}

/**
 * Watches what others do on this machine until the run ends. Load averages alone cannot tell: the run itself is in them.
 *
 * @returns {(oursMs: number) => { loadBefore: number, loadAfter: number, othersShare: number }} given the time that the run's
 * own processes had, answers the rest as a share of all processors
 */
export function watchMachine() {
  const [loadBefore] = loadavg();
  const before = processorTimes();
  return (oursMs) => {
    const after = processorTimes();
    const busyMs = after.busyMs - before.busyMs - oursMs;
    const othersShare = Math.max(0, busyMs / Math.max(1, after.allMs - before.allMs));
    return { loadBefore, loadAfter: loadavg()[0], othersShare };
  };
}

/** One line to distrust the numbers by, or nothing. */
export function warning({ loadBefore, othersShare }) {
  const share = `${Math.round(othersShare * 100)}%`;
  if (othersShare > busyShare)
    return `WARNING: others used ${share} of the processors meanwhile. Trust the ratios, not the numbers; run it again when it is quiet.`;
  if (loadBefore > cpus().length / 2)
    return `WARNING: the load was ${loadBefore.toFixed(1)} before the run began. Run it again when it is quiet.`;
  return undefined;
}

function processorTimes() {
  let busyMs = 0;
  let allMs = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    busyMs += all - times.idle;
    allMs += all;
  }
  return { busyMs, allMs };
}
