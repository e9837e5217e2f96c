import type { Arg, Reply } from "../../port/index.ts";
import type { BlockingLink } from "../blocking.ts";
import type { SubscriberEvents, SubscriberLink } from "../subscriptions.ts";
import { timerMax, within } from "../within.ts";
import { isCluster, type NodeRedisClient, type NodeRedisSingle } from "./client-shape.ts";
import { Delivery, reader } from "./delivery.ts";
import { memberFor } from "./route.ts";

/** Where connections of the port's own come from. */
export interface LinkSource {
  readonly client: NodeRedisClient;
  readonly timeoutMs: number;
  /** Waits until the nodes of a cluster are known. */
  known(): Promise<void>;
}

/** A connection that the port opened. */
interface Link extends NodeRedisSingle {
  connect(): Promise<unknown>;
  subscribe(channels: readonly string[], listener: (text: string, channel: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
}

/** A connection that subscribes. In a cluster any node will do: what is published on one is heard on all. */
export async function openSubscriber(source: LinkSource, events: SubscriberEvents): Promise<SubscriberLink> {
  const link = await openLink(source, undefined);
  // Whatever goes wrong with it, it is not used again.
  for (const event of ["error", "end", "terminated"]) link.on(event, () => events.lost());
  if (!link.isReady) events.lost();
  return {
    subscribe: (channels) => link.subscribe(channels, (text, channel) => events.message(channel, text)),
    unsubscribe: (channel) => link.unsubscribe(channel),
    close: () => end(link),
  };
}

/** A connection for one blocking command at a time. */
export async function openBlocking(source: LinkSource, key: Arg | undefined): Promise<BlockingLink> {
  const link = await openLink(source, key);
  return {
    get alive(): boolean {
      return link.isReady;
    },
    send: async (command, bytes): Promise<Reply> => {
      const sent = new Delivery(command, bytes);
      try {
        return reader.reply(await link.sendCommand(sent.args, sent.options), sent);
      } catch (error) {
        throw reader.error(error, sent);
      }
    },
    close: () => end(link),
  };
}

async function openLink({ client, timeoutMs, known }: LinkSource, key: Arg | undefined): Promise<Link> {
  await known();
  const node = isCluster(client) ? await within(timeoutMs, nodeFor(client, key)) : client;
  const link: Link = node.duplicate({
    // It serves one purpose and is replaced, not repaired, when it breaks.
    socket: {
      ...node.options?.socket,
      reconnectStrategy: false,
      connectTimeout: Math.min(timeoutMs, timerMax),
      socketTimeout: undefined,
    },
    readonly: false,
    clientSideCache: undefined,
    pingInterval: undefined,
  });
  link.on("error", () => {});
  try {
    // node-redis limits the time until there is a socket, and not that until the server answers on it.
    await within(timeoutMs, link.connect());
  } catch (error) {
    end(link);
    throw error;
  }
  return link;
}

async function nodeFor(
  cluster: Extract<NodeRedisClient, { nodeClient: unknown }>,
  key: Arg | undefined,
): Promise<NodeRedisSingle> {
  const member = memberFor(cluster, key, false);
  if (member === undefined) throw new Error("The cluster client knows no node yet.");
  return cluster.nodeClient(member) as Promise<NodeRedisSingle>;
}

function end(link: NodeRedisSingle): void {
  try {
    link.destroy();
  } catch {
    // node-redis throws when it is closed already, which is what was wanted.
  }
}
