import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server } from "node:net";
import { accept, readOptions, required } from "../core/index.ts";
import { ProxiedConnection, type Weather } from "./proxied-connection.ts";

/** What a proxy stands in front of. */
export interface FaultProxyOptions {
  /** The server: `redis://host:port`, `unix:///path`, or what {@link startRedis} answered. */
  readonly target: string | { readonly socket: string };
}

/** Which reply is to be lost. */
export interface ReplyChoice {
  /** Only replies to this command, or to commands that pass this test. @default every command */
  readonly of?: string | ((words: readonly string[]) => boolean);
  /** Let so many of these replies pass first. @default 0 */
  readonly after?: number;
}

/**
 * Starts a proxy in front of a Redis that breaks connections the way networks do. In this process, on a free port.
 *
 * @example
 * await using server = await startRedis();
 * await using proxy = await startFaultProxy({ target: server });
 * const redis = await connect(proxy.url);
 * const dropped = proxy.dropNextReply({ of: "EVALSHA" }); // the server runs it; the caller never hears of it
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target } = readOptions("startFaultProxy", options, {
    target: required(
      accept<FaultProxyOptions["target"]>("a redis:// or unix:// URL, or a server", (value) => address(value) !== undefined),
    ),
  });
  const proxy = new FaultProxy(address(target) as NetConnectOpts);
  await proxy.heal();
  return proxy;
}

/** A proxy with switches. Connections pass untouched until one is thrown. */
export class FaultProxy implements AsyncDisposable {
  readonly #target: NetConnectOpts;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #drops: { readonly matches: (words: readonly string[]) => boolean; after: number; readonly done: () => void }[] = [];
  readonly #weather: Weather = { delayMs: 0, silent: false, dropsReplyTo: (words) => this.#loses(words) };
  #listener: Server | undefined;
  #port = 0;

  /** @internal */
  constructor(target: NetConnectOpts) {
    this.#target = target;
  }

  /** The TCP port on 127.0.0.1 that clients connect to. It stays the same. */
  get port(): number {
    return this.#port;
  }

  /** For `connect`. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resets every open connection. New ones are welcome. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Lets nothing pass any more, and closes nothing: what a pulled cable looks like. Until {@link heal}. */
  blackHole(): void {
    this.#weather.silent = true;
    for (const connection of this.#connections) connection.pause();
  }

  /** Makes everything late by so many milliseconds, in each direction. Until {@link heal}. */
  delay(ms: number): void {
    this.#weather.delayMs = ms;
  }

  /** Refuses new connections. Open ones stay; {@link reset} ends them. Until {@link heal}. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Ends every fault, and listens. Replies that are still to be lost are forgotten. */
  async heal(): Promise<void> {
    this.#weather.delayMs = 0;
    this.#weather.silent = false;
    this.#drops.length = 0;
    for (const connection of this.#connections) connection.resume();
    if (this.#listener !== undefined) return;
    const listener = createServer((client) => {
      const connection: ProxiedConnection = new ProxiedConnection(client, connect(this.#target), this.#weather, () =>
        this.#connections.delete(connection),
      );
      this.#connections.add(connection);
    });
    this.#listener = listener;
    listener.listen(this.#port, "127.0.0.1");
    await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
  }

  /**
   * Lets the server run a command, and closes the client's connection before the reply arrives.
   *
   * @returns resolves when that has happened
   */
  dropNextReply(choice: ReplyChoice = {}): Promise<void> {
    const { of, after = 0 } = choice;
    const matches =
      typeof of === "function"
        ? of
        : (words: readonly string[]) => of === undefined || words[0]?.toUpperCase() === of.toUpperCase();
    return new Promise((done) => this.#drops.push({ matches, after, done }));
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    this.refuse();
    this.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #loses(words: readonly string[]): boolean {
    const index = this.#drops.findIndex(({ matches }) => matches(words));
    const drop = this.#drops[index];
    if (drop === undefined || drop.after-- > 0) return false;
    this.#drops.splice(index, 1);
    drop.done();
    return true;
  }
}

function address(target: unknown): NetConnectOpts | undefined {
  if (typeof target === "object" && target !== null) {
    const { socket } = target as { readonly socket?: unknown };
    return typeof socket === "string" ? { path: socket } : undefined;
  }
  const [, path, host, port] = /^(?:unix:\/\/(\/.+)|redis:\/\/([^:/@]+)(?::(\d+))?\/?)$/.exec(String(target)) ?? [];
  if (path !== undefined) return { path };
  return host === undefined ? undefined : { host, port: Number(port ?? 6379) };
}
