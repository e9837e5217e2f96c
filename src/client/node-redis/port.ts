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
import { isNodeRedis, notClient, type PortOptions, type PortSettings, readPortOptions } from "../../port/index.ts";
import { slotOf } from "../arguments.ts";
import { Blocking } from "../blocking.ts";
import { type CallLimits, Calls } from "../calls.ts";
import { Subscriptions } from "../subscriptions.ts";
import { isCluster, type NodeRedisClient, type NodeRedisSingle } from "./client-shape.ts";
import { Delivery, reader } from "./delivery.ts";
import { openBlocking, openSubscriber } from "./links.ts";
import { deliver, deliverToMember } from "./route.ts";

/**
 * redlua over a node-redis client that you have: `createClient()` or `createCluster()`, of node-redis 5 or 6.
 *
 * The client's options are left alone, and so is what else you send through it. You connect it, before or after; it stays open when
 * the port is closed.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if it is no client of node-redis, or a pool or a Sentinel client, `OPTION_INVALID` if the client has a `keyPrefix`: redlua puts the prefix before keys itself
 * @example
 * const port = nodeRedisPort(await createClient().connect(), { prefix: "shop" });
 */
export function nodeRedisPort(client: NodeRedisClient, options: PortOptions = {}): RedisPort {
  if (!isNodeRedis(client)) throw notClient("nodeRedisPort", "node-redis: await createClient().connect()", client);
  refuseOthers(client);
  return new NodeRedisPort(client, readPortOptions("nodeRedisPort", options));
}

export class NodeRedisPort implements RedisPort {
  readonly traits: PortTraits;
  readonly #client: NodeRedisClient;
  readonly #calls: Calls;
  readonly #subscriptions: Subscriptions;
  readonly #blocking: Blocking;
  readonly #end: () => void;

  constructor(client: NodeRedisClient, { prefix, timeoutMs, busyPoll, end = ignore }: PortSettings) {
    refuseKeyPrefix(client);
    const cluster = isCluster(client);
    this.#client = client;
    this.#end = end;
    this.#calls = new Calls(timeoutMs, busyPoll);
    const source = { client, timeoutMs, known: () => this.#known() };
    this.#subscriptions = new Subscriptions((events) => openSubscriber(source, events), timeoutMs);
    this.#blocking = new Blocking({
      place: (key) => (cluster && key !== undefined ? String(slotOf(key)) : ""),
      open: (key) => openBlocking(source, key),
    });
    this.traits = { cluster, client: "node-redis", prefix };
    // An error event that nobody listens to ends the process; a port's callers hear of errors by their calls.
    if (!quiet.has(client)) client.on("error", ignore);
    quiet.add(client);
  }

  send(command: readonly Arg[], options: SendOptions): Promise<Reply> {
    const refused = this.#calls.refuse(options.signal);
    if (refused !== undefined) return Promise.reject(refused);
    const sent = new Delivery(command, options.bytes === true);
    return this.#calls.watch(sent, deliver(this.#client, sent, options), options, reader);
  }

  async batch(commands: readonly (readonly Arg[])[], options: SendOptions): Promise<readonly (Reply | ClientError)[]> {
    const refused = this.#calls.refuse(options.signal);
    if (refused !== undefined) throw refused;
    // One chain: what was not written yet when the connection is lost is not written to the next one.
    const chain = Symbol("batch");
    const sent = commands.map((command) => new Delivery(command, options.bytes === true, chain));
    const answers = sent.map((each) => deliver(this.#client, each, options));
    const replies = answers.map((answer, index) => this.#calls.watch(sent[index] as Delivery, answer, options, reader));
    return Promise.all(replies.map((reply) => reply.catch((error: ClientError) => error)));
  }

  async broadcast(command: readonly Arg[], options: Omit<SendOptions, "key" | "readOnly">): Promise<readonly Reply[]> {
    const client = this.#client;
    if (!isCluster(client)) return [await this.send(command, options)];
    const refused = this.#calls.refuse(options.signal);
    if (refused !== undefined) throw refused;
    await this.#known(options);
    return Promise.all(
      client.masters.map((member) => {
        const sent = new Delivery(command, options.bytes === true);
        return this.#calls.watch(sent, deliverToMember(client, member, sent, options.resend), options, reader);
      }),
    );
  }

  subscribe(channel: string, listener: Listener): Promise<Unsubscribe> {
    return this.#subscriptions.add(channel, listener);
  }

  block(command: readonly Arg[], options: BlockOptions): Promise<Reply> {
    return this.#blocking.send(command, options);
  }

  /** The nodes of a cluster are known once anything was answered. */
  async #known(limits: CallLimits = {}): Promise<void> {
    if (isCluster(this.#client) && this.#client.masters.length === 0) await this.send(["PING"], { ...limits, resend: "ok" });
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
}

/** A pool and a Sentinel client send commands too, and have neither a connection of their own nor the events of one. */
function refuseOthers(client: NodeRedisClient): void {
  const remedy =
    "clientsInUse" in client
      ? "a pool. A port needs none: it sends many commands at once on one connection, and opens others for those that block"
      : "getMasterNode" in client
        ? 'a Sentinel client. With ioredis, connect("redis+sentinel://host:26379/name") follows the sentinels'
        : undefined;
  if (remedy === undefined) return;
  const message = `nodeRedisPort takes what createClient() or createCluster() makes, not ${remedy}.`;
  throw new InvalidInputError("INPUT_INVALID", "client", message);
}

function refuseKeyPrefix(client: NodeRedisClient): void {
  const { keyPrefix } = ((client as NodeRedisSingle).options ?? (client as { readonly _options?: object })._options ?? {}) as {
    readonly keyPrefix?: string;
  };
  if (!keyPrefix) return;
  throw new InvalidInputError(
    "OPTION_INVALID",
    "client.keyPrefix",
    `This node-redis client has keyPrefix "${keyPrefix}". redlua puts the prefix before keys itself: make the client without ` +
      "keyPrefix and pass nodeRedisPort(client, { prefix }).",
  );
}

/** Clients whose errors are listened to already: that listener stays, so there is one for all ports of a client. */
const quiet = new WeakSet<NodeRedisClient>();

function ignore(): void {}
