/**
 * Measuring fairly: contestants take turns, each in a process of its own, and what counts is the median.
 */
import { fork } from "node:child_process";
import { InterruptedError } from "./stop.mjs";

/** A child that says nothing for so long is ended, and its cell says that it failed. */
const childMsMax = 180_000;

/**
 * Runs `turn` for every contestant in every round, A B C D A B C D …, so that what disturbs the machine disturbs them all.
 *
 * @template T
 * @param {{ rounds: number, contestants: readonly string[], turn: (contestant: string, round: number) => Promise<T> }} plan
 * @returns {Promise<Map<string, { values: T[], failures: string[] }>>}
 */
export async function interleave({ rounds, contestants, turn }) {
  const outcomes = new Map(contestants.map((contestant) => [contestant, { values: [], failures: [] }]));
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const outcome = outcomes.get(contestant);
      try {
        outcome.values.push(await turn(contestant, round));
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        outcome.failures.push(error.message);
      }
    }
  }
  return outcomes;
}

/**
 * Runs a program in a process of its own, so that no contestant inherits another's heap, nor what its JIT learned.
 *
 * The child gets `task` as JSON, and sends `{ result, cpuMs }` or `{ error }`. It ends when its parent does.
 *
 * @param {string} program
 * @param {object} task
 * @param {{ signal: AbortSignal, execArgv?: readonly string[], onMessage?: (message: object, child: import("node:child_process").ChildProcess) => void }} options
 * @returns {Promise<{ result: any, cpuMs: number }>}
 */
export function inChild(program, task, { signal, execArgv = [], onMessage }) {
  if (signal.aborted) return Promise.reject(new InterruptedError());
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(task)], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv });
    let answer;
    let complaint = "";
    child.stderr.on("data", (text) => {
      complaint = (complaint + text).slice(-2_000);
    });
    const kill = () => child.kill("SIGKILL");
    const timer = setTimeout(kill, task.msMax ?? childMsMax);
    signal.addEventListener("abort", kill);
    child.on("message", (message) => {
      if ("result" in message || "error" in message) answer = message;
      else onMessage?.(message, child);
    });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
      if (signal.aborted) reject(new InterruptedError());
      else if (answer?.result !== undefined) resolve(answer);
      else reject(new Error(answer?.error ?? `${killedBy ? "it was stuck" : `it exited with ${code}`}. ${complaint.trim()}`));
    });
  });
}

/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 50);
}

/** The value below which so many percent of `values` lie; between two of them, the mean of both. */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at % 1);
}

/** How far the extremes lie apart, as a share of the median and to either side: 0.1 is ±10 %. */
export function spread(values) {
  const middle = median(values);
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / 2 / middle;
}

/**
 * What was measured, against the first contestant. Ratios are taken round by round, and then their median: two turns that
 * follow each other meet the same machine, which two medians over minutes do not.
 *
 * @param {ReadonlyMap<string, { values: readonly number[], failures: readonly string[] }>} outcomes
 */
export function compare(outcomes) {
  const [[, first]] = outcomes;
  return Object.fromEntries(
    [...outcomes].map(([contestant, { values, failures }]) => {
      if (values.length === 0) return [contestant, { failures }];
      const paired = failures.length + first.failures.length === 0 && values.length === first.values.length;
      const ratios = paired ? values.map((value, round) => value / first.values[round]) : [median(values) / median(first.values)];
      return [contestant, { median: median(values), spread: spread(values), ratio: median(ratios), values, failures }];
    }),
  );
}
