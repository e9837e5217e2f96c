import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { NetConnectOpts } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ask } from "./ask.ts";
import { RedisServerError } from "./find-redis-server.ts";
import { watch } from "./watchdog.ts";

/** How long a server may take to answer its first PING. It takes about 15 ms; a loaded machine may need a lot longer. */
const startMsMax = 20_000;

/** One server process in a folder of its own, which ends with this process: see {@link watch}. */
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
    if (server.pid !== undefined) this.#guard(server.pid);
    await this.#answers();
  }

  /** Sends a signal, if the process is there. */
  signal(name: NodeJS.Signals): void {
    if (this.running) this.#server?.kill(name);
  }

  /** Ends the process with a signal. Resolves when it is gone; its folder stays, as long as this process does. */
  async end(name: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#halt(name);
    this.#guard();
  }

  async #halt(name: "SIGTERM" | "SIGKILL"): Promise<void> {
    const server = this.#server;
    if (server !== undefined && this.running) {
      const gone = once(server, "exit");
      // A stopped process does not hear SIGTERM until it is continued.
      server.kill("SIGCONT");
      server.kill(name);
      server.ref();
      await gone;
    }
  }

  /** Sets a new watchdog in place of the one before. */
  #guard(pid?: number): void {
    const before = this.#watchdog;
    this.#watchdog = watch(this.folder, pid);
    before?.kill("SIGKILL");
  }

  /** Ends the process and removes its folder. */
  async remove(): Promise<void> {
    await this.#halt("SIGKILL");
    this.#watchdog?.kill("SIGKILL");
    this.#watchdog = undefined;
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
