import type { Arg, Reply } from "../../port/index.ts";
import { slotOf } from "../arguments.ts";
import type { BlockingLink } from "../blocking.ts";
import type { SubscriberEvents, SubscriberLink } from "../subscriptions.ts";
import { timerMax, within } from "../within.ts";
import { type IoredisClient, type IoredisSingle, isCluster } from "./client-shape.ts";
import type { PortCommandClass } from "./command.ts";
import { portCommand, readError, readReply } from "./exchange.ts";

/** Where connections of the port's own come from. */
export interface LinkSource {
  readonly client: IoredisClient;
  readonly timeoutMs: number;
  /** Waits until the nodes of a cluster are known. */
  known(): Promise<void>;
}

/** A connection that subscribes. In a cluster any node will do: what is published on one is heard on all. */
export async function openSubscriber(source: LinkSource, events: SubscriberEvents): Promise<SubscriberLink> {
  const link = await openLink(source, undefined);
  link.on("message", (channel: string, text: string) => events.message(channel, text));
  link.on("end", () => events.lost());
  if (link.status === "end") events.lost();
  return {
    subscribe: async (channels) => void (await link.subscribe(...channels)),
    unsubscribe: async (channel) => void (await link.unsubscribe(channel)),
    close: () => link.disconnect(),
  };
}

/** A connection for one blocking command at a time. */
export async function openBlocking(source: LinkSource, Command: PortCommandClass, key: Arg | undefined): Promise<BlockingLink> {
  const link = await openLink(source, key);
  return {
    get alive(): boolean {
      return link.status === "ready";
    },
    send: async (command, bytes): Promise<Reply> => {
      const sent = portCommand(Command, command, { bytes, resend: "never" });
      try {
        return readReply(await link.sendCommand(sent), sent);
      } catch (error) {
        throw readError(error, sent, link.status);
      }
    },
    close: () => link.disconnect(),
  };
}

/** Options of a connection that serves one purpose and is replaced, not repaired, when it breaks. */
const linkOptions = {
  lazyConnect: true,
  retryStrategy: null,
  autoResubscribe: false,
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
  monitor: false,
  readOnly: false,
  // Without this a connection whose other end vanished stays open for hours.
  keepAlive: 30_000,
};

async function openLink({ client, timeoutMs, known }: LinkSource, key: Arg | undefined): Promise<IoredisSingle> {
  await known();
  const node = isCluster(client) ? nodeFor(client, key) : client;
  const link = node.duplicate({ ...linkOptions, connectTimeout: Math.min(timeoutMs, timerMax) });
  link.on("error", () => {});
  try {
    // ioredis limits the time until there is a socket, and not that until the server answers on it.
    await within(timeoutMs, link.connect());
  } catch (error) {
    link.disconnect();
    throw error;
  }
  return link;
}

function nodeFor(client: Extract<IoredisClient, { isCluster: boolean }>, key: Arg | undefined): IoredisSingle {
  const primaries = client.nodes("master") as IoredisSingle[];
  const address = key === undefined ? undefined : client.slots[slotOf(key)]?.[0];
  const serving = primaries.find(({ options }) => {
    const { host, port } = options as { host?: string; port?: number };
    return `${host}:${port}` === address;
  });
  const node = serving ?? primaries[Math.floor(Math.random() * primaries.length)];
  if (node === undefined) throw new Error("The cluster client knows no node yet.");
  return node;
}
