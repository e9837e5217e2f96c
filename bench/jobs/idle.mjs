/**
 * Round trips a minute of an idle worker.
 *
 * Each contestant's worker has a Redis of its own, all at the same time, and MONITOR tells what arrives there. It marks the commands
 * that scripts run, and those are not counted: only what crosses the wire costs a round trip. (Statistics of the server cannot tell the
 * two apart, and on a server of its own no connection needs to be told from another's.)
 */
import { fileURLToPath } from "node:url";
import { inChild } from "../measure.mjs";
import { interrupted, pause } from "../stop.mjs";
import { startServer } from "./server.mjs";

const program = fileURLToPath(new URL("child.mjs", import.meta.url));
/** Before counting begins, so that what a worker does once, at the start, is over. */
const settleMs = 10_000;

/**
 * @param {string} contestant
 * @param {number} seconds
 * @returns {Promise<{ perMinute: number, commands: Record<string, number>, cpuMs: number }>}
 */
export async function countIdle(contestant, seconds) {
  const server = await startServer();
  try {
    let child;
    let heard;
    const isIdle = new Promise((resolve) => {
      heard = resolve;
    });
    const task = { contestant, measure: "idle", target: server.target, msMax: settleMs + seconds * 1_000 + 60_000 };
    const over = inChild(program, task, {
      signal: interrupted,
      onMessage: (_, sender) => {
        child = sender;
        heard();
      },
    });
    await Promise.race([isIdle, over]);
    await Promise.race([pause(settleMs), over]);
    const commands = await counting(server, () => Promise.race([pause(seconds * 1_000), over]));
    child.send("end");
    const { cpuMs } = await over;
    const sent = Object.values(commands).reduce((sum, count) => sum + count, 0);
    return { perMinute: (sent * 60) / seconds, commands, cpuMs: cpuMs + (await server.cpuMs()) };
  } finally {
    await server.stop();
  }
}

async function counting(server, wait) {
  const monitor = await server.redis.monitor();
  const commands = {};
  monitor.on("monitor", (_time, [name], source) => {
    // MONITOR gives "lua" for the address of a command that a script ran.
    if (source !== "lua") commands[name.toLowerCase()] = (commands[name.toLowerCase()] ?? 0) + 1;
  });
  await wait();
  monitor.disconnect();
  return commands;
}
