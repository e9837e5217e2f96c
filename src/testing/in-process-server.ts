import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createEmbedded, type EmbeddedOptions, type EmbeddedRedis, type RespServer } from "../embedded/index.ts";
import { RedisServerError } from "./find-redis-server.ts";
import type { RedisServer } from "./redis-server.ts";
import { freshFolder, watch } from "./watchdog.ts";

/** How an engine in this process is served. */
interface InProcessOptions {
  readonly tcp: boolean;
  readonly clock: EmbeddedOptions["clock"];
  /** Whether it keeps what is written, and how. */
  readonly fsync: "always" | "everysec" | "no" | undefined;
}

/** Serves the embedded engine from this process: on a Unix socket, and on a port if one is asked for. */
export async function startInProcess(options: InProcessOptions): Promise<RedisServer> {
  const folder = await freshFolder();
  const server = new InProcessServer(folder, options);
  try {
    await server.begin();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class InProcessServer implements RedisServer {
  readonly socket: string;
  readonly #folder: string;
  readonly #watchdog: ChildProcess;
  readonly #engineOptions: EmbeddedOptions;
  readonly #tcp: boolean;
  #port: number | undefined;
  #redis: EmbeddedRedis | undefined;
  #listeners: readonly RespServer[] = [];
  #beginning: Promise<void> | undefined;
  #ending: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(folder: string, { tcp, clock, fsync }: InProcessOptions) {
    this.#folder = folder;
    this.#watchdog = watch(folder);
    this.#tcp = tcp;
    this.#engineOptions = {
      ...(clock !== undefined && { clock }),
      ...(fsync !== undefined && { aof: { file: join(folder, "embedded.aof"), fsync } }),
    };
    this.socket = join(folder, "redis.sock");
  }

  get port(): number | undefined {
    return this.#port;
  }

  get url(): string {
    return this.#port === undefined ? `unix://${this.socket}` : `redis://127.0.0.1:${this.#port}`;
  }

  /** Makes the engine and listens, unless it does so already. */
  async begin(): Promise<void> {
    if (this.#stopped) throw new RedisServerError("REDIS_SERVER_FAILED", "The server was stopped: start another.");
    this.#beginning ??= this.#listen().finally(() => {
      this.#beginning = undefined;
    });
    await this.#beginning;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#end();
    this.#watchdog.kill("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  kill(): Promise<void> {
    return this.#end();
  }

  async restart(): Promise<void> {
    await this.#end();
    await this.begin();
  }

  pause(): void {
    for (const listener of this.#listeners) listener.pause();
  }

  resume(): void {
    for (const listener of this.#listeners) listener.resume();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #listen(): Promise<void> {
    if (this.#redis !== undefined) return;
    const redis = createEmbedded(this.#engineOptions);
    try {
      const listeners = [await redis.listen({ path: this.socket })];
      if (this.#tcp) listeners.push(await redis.listen({ port: this.#port ?? 0 }));
      // As a server that is a process of its own: who forgets to stop it can end nevertheless.
      for (const listener of listeners) listener.unref();
      this.#port = listeners[1]?.port;
      this.#redis = redis;
      this.#listeners = listeners;
    } catch (error) {
      await redis.stop();
      throw error;
    }
    // A client has sent SHUTDOWN.
    void redis.ended.then(() => (this.#redis === redis ? this.#end() : undefined));
  }

  async #end(): Promise<void> {
    await this.#beginning?.catch(() => {});
    const redis = this.#redis;
    this.#redis = undefined;
    this.#listeners = [];
    if (redis !== undefined) this.#ending = redis.stop().then(heard);
    await this.#ending;
  }
}

/** Clients in this process hear in the next turn of its event loop that the server is gone. They know it when a process has ended, too. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
