import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { NetConnectOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ask } from "./ask.ts";
import { RedisServerError } from "./find-redis-server.ts";

/** How long a server may take to answer its first PING. It takes about 15 ms; a loaded machine may need a lot longer. */
const startMsMax = 20_000;

/**
 * One server process in a folder of its own.
 *
 * A small shell watches over it: it waits for the end of its input, which comes when this process ends, however it ends
 * (a crash and SIGKILL included), and then kills the server and removes its folder.
 */
export class ServerProcess {
  readonly folder: string;
  readonly #command: readonly string[];
  readonly #target: NetConnectOpts;
  #server: ChildProcess | undefined;
  #watchdog: ChildProcess | undefined;

  /** @param command the program and its arguments */
  constructor(command: readonly string[], folder: string, target: NetConnectOpts) {
    this.#command = command;
    this.folder = folder;
    this.#target = target;
  }

  /** Whether the process is there. */
  get running(): boolean {
    return this.#server !== undefined && this.#server.exitCode === null && this.#server.signalCode === null;
  }

  /** Starts the process. Resolves at its first PONG. */
  async start(): Promise<void> {
    if (this.running) return;
    const log = openSync(join(this.folder, "server.log"), "a");
    // Detached: an interrupt at the terminal is for this process, which may want to finish with the server first.
    const [program, ...args] = this.#command as readonly [string, ...string[]];
    const server = spawn(program, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    server.unref();
    server.once("error", () => {});
    this.#server = server;
    if (server.pid !== undefined) this.#watchdog = watch(server.pid, this.folder);
    await this.#answers();
  }

  /** Sends a signal, if the process is there. */
  signal(name: NodeJS.Signals): void {
    if (this.running) this.#server?.kill(name);
  }

  /** Ends the process with a signal. Resolves when it is gone; its folder stays. */
  async end(name: "SIGTERM" | "SIGKILL"): Promise<void> {
    const server = this.#server;
    if (server !== undefined && this.running) {
      const gone = once(server, "exit");
      // A stopped process does not hear SIGTERM until it is continued.
      server.kill("SIGCONT");
      server.kill(name);
      server.ref();
      await gone;
    }
    this.#watchdog?.kill("SIGKILL");
    this.#watchdog = undefined;
  }

  /** Ends the process and removes its folder. */
  async remove(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const deadline = Date.now() + startMsMax;
    for (;;) {
      // There is no event for a socket that begins to listen, so it is tried.
      const answer = await ask(this.#target, "PING").catch(() => "");
      if (answer.startsWith("+PONG") || answer.startsWith("-NOAUTH")) return;
      if (!this.running || Date.now() > deadline) {
        await this.end("SIGKILL");
        throw new RedisServerError("REDIS_SERVER_FAILED", `${this.#command[0]} did not start: ${this.#lastWords()}`);
      }
      await wait(2);
    }
  }

  #lastWords(): string {
    const lines = readFileSync(join(this.folder, "server.log"), "utf8").trim().split("\n");
    return lines.slice(-3).join(" / ") || "it said nothing.";
  }
}

/** A fresh folder for a server. Short, because the path of a Unix socket may have 104 bytes and no more. */
export function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "redlua-"));
}

/** Waits for the end of its input, then kills a process and removes a folder: `sh -c … sh <pid> <folder>`. */
export const watchdogScript = 'trap "" INT TERM HUP; read -r _; kill -9 "$1" 2>/dev/null; rm -rf "$2"';

function watch(pid: number, folder: string): ChildProcess {
  const watchdog = spawn("sh", ["-c", watchdogScript, "sh", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.once("error", () => {});
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void } | null)?.unref();
  return watchdog;
}
