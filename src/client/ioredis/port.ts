import { InvalidInputError } from "../../core/index.ts";
import type {
  Arg,
  BlockOptions,
  ClientError,
  Listener,
  PortTraits,
  RedisPort,
  Reply,
  SendOptions,
  Unsubscribe,
} from "../../port/index.ts";
import { isIoredis, notClient, type PortOptions, type PortSettings, readPortOptions } from "../../port/index.ts";
import { slotOf } from "../arguments.ts";
import { Blocking } from "../blocking.ts";
import { type CallLimits, Calls, type Reader } from "../calls.ts";
import type { Gate } from "../gate.ts";
import { Subscriptions } from "../subscriptions.ts";
import { type IoredisClient, type IoredisNode, isCluster } from "./client-shape.ts";
import { type PortCommand, type PortCommandClass, portCommandClass } from "./command.ts";
import { portCommand, readError, readReply } from "./exchange.ts";
import { openBlocking, openSubscriber } from "./links.ts";
import { gateOf } from "./ready-gate.ts";

/**
 * redlua over an ioredis client that you have: `new Redis()` or `new Cluster()`, of ioredis 5 or 6, or of iovalkey.
 *
 * The client's options are left alone, and so is what else you send through it. It stays open when the port is closed.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if it is no client of ioredis, `OPTION_INVALID` if the client has a `keyPrefix`: redlua puts the prefix before keys itself
 * @example
 * const port = ioredisPort(new Redis(), { prefix: "shop" });
 */
export function ioredisPort(client: IoredisClient, options: PortOptions = {}): RedisPort {
  if (!isIoredis(client)) throw notClient("ioredisPort", "ioredis: new Redis(url)", client);
  return new IoredisPort(client, readPortOptions("ioredisPort", options));
}

export class IoredisPort implements RedisPort {
  readonly traits: PortTraits;
  readonly #client: IoredisClient;
  readonly #Command: PortCommandClass;
  readonly #calls: Calls;
  readonly #gate: Gate;
  readonly #subscriptions: Subscriptions;
  readonly #blocking: Blocking;
  readonly #cluster: boolean;
  readonly #end: () => void;

  constructor(client: IoredisClient, { prefix, timeoutMs, busyPoll, end = ignore }: PortSettings) {
    refuseKeyPrefix(client);
    this.#client = client;
    this.#end = end;
    this.#cluster = isCluster(client);
    this.#Command = portCommandClass(client);
    this.#calls = new Calls(timeoutMs, busyPoll);
    const source = { client, timeoutMs, known: () => this.#known() };
    this.#subscriptions = new Subscriptions((events) => openSubscriber(source, events), timeoutMs);
    this.#blocking = new Blocking({
      place: (key) => (this.#cluster && key !== undefined ? String(slotOf(key)) : ""),
      open: (key) => openBlocking(source, this.#Command, key),
    });
    this.traits = { cluster: this.#cluster, client: "ioredis", prefix };
    this.#gate = gateOf(client);
  }

  send(command: readonly Arg[], options: SendOptions): Promise<Reply> {
    return this.#send(this.#client, command, options);
  }

  async batch(commands: readonly (readonly Arg[])[], options: SendOptions): Promise<readonly (Reply | ClientError)[]> {
    const refused = this.#calls.refuse(options.signal);
    if (refused !== undefined) throw refused;
    // All are written in this tick, so they follow each other on the one connection that serves the slot.
    const answers = commands.map((command) => this.#send(this.#client, command, options).catch((error: ClientError) => error));
    return Promise.all(answers);
  }

  async broadcast(command: readonly Arg[], options: Omit<SendOptions, "key" | "readOnly">): Promise<readonly Reply[]> {
    if (!isCluster(this.#client)) return [await this.#send(this.#client, command, options)];
    // The nodes are known once anything was answered.
    if (this.#client.nodes("master").length === 0 || this.#client.status !== "ready")
      await this.#send(this.#client, ["PING"], options);
    return Promise.all(this.#client.nodes("master").map((node: IoredisNode) => this.#send(node, command, options)));
  }

  subscribe(channel: string, listener: Listener): Promise<Unsubscribe> {
    return this.#subscriptions.add(channel, listener);
  }

  block(command: readonly Arg[], options: BlockOptions): Promise<Reply> {
    return this.#blocking.send(command, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    this.#calls.close();
    this.#subscriptions.close();
    this.#blocking.close();
    this.#end();
  }

  /** The nodes of a cluster are known once anything was answered. */
  async #known(limits: CallLimits = {}): Promise<void> {
    if (this.#cluster && this.#client.status !== "ready") await this.#send(this.#client, ["PING"], { ...limits, resend: "ok" });
  }

  #send(node: IoredisNode, command: readonly Arg[], options: SendOptions): Promise<Reply> {
    const refused = this.#calls.refuse(options.signal);
    if (refused !== undefined) return Promise.reject(refused);
    const sent = portCommand(this.#Command, command, options);
    if (this.#cluster && options.key !== undefined) sent.slot = slotOf(options.key);
    return this.#calls.watch(sent, this.#start(node, sent), options, this.#reader);
  }

  #start(node: IoredisNode, sent: PortCommand): Promise<unknown> {
    const start = (): Promise<unknown> => node.sendCommand(sent) as Promise<unknown>;
    const { status } = this.#client;
    // A client that is at its end refuses at once.
    if (status === "ready" || status === "end") return start();
    // A lazy client connects when it is first used.
    if (status === "wait") this.#client.connect().catch(ignore);
    return this.#gate.hold(sent, start);
  }

  readonly #reader: Reader<PortCommand> = {
    reply: readReply,
    error: (error, sent) => readError(error, sent, this.#client.status),
  };
}

function refuseKeyPrefix(client: IoredisClient): void {
  const { keyPrefix, redisOptions } = client.options as { keyPrefix?: string; redisOptions?: { keyPrefix?: string } };
  if (!keyPrefix && !redisOptions?.keyPrefix) return;
  throw new InvalidInputError(
    "OPTION_INVALID",
    "client.keyPrefix",
    `This ioredis client has keyPrefix "${keyPrefix ?? redisOptions?.keyPrefix}". redlua puts the prefix before keys itself: make the ` +
      "client without keyPrefix and pass ioredisPort(client, { prefix }).",
  );
}

function ignore(): void {}
