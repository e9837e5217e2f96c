import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder for a server. Short, because the path of a Unix socket may have 104 bytes and no more. */
export function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "redlua-"));
}

/** Waits for the end of its input, then removes a folder, and before that kills a process if there is one: `sh -c … sh <folder> [pid]`. */
export const watchdogScript = 'trap "" INT TERM HUP; read -r _; [ -z "$2" ] || kill -9 "$2" 2>/dev/null; rm -rf "$1"';

/**
 * Sets a small shell to watch over a server: it waits for the end of its input, which comes when this process ends, however it ends
 * (a crash and SIGKILL included), and then kills the server, if that is a process, and removes its folder. It costs a millisecond.
 */
export function watch(folder: string, pid?: number): ChildProcess {
  const watchdog = spawn("sh", ["-c", watchdogScript, "sh", folder, ...(pid === undefined ? [] : [String(pid)])], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.once("error", () => {});
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void } | null)?.unref();
  return watchdog;
}
