import type { Arg, SendOptions } from "../../port/index.ts";
import { slotOf } from "../arguments.ts";
import { Gate } from "../gate.ts";
import {
  isCluster,
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisMember,
  type NodeRedisSingle,
} from "./client-shape.ts";
import { type Delivery, isKind } from "./delivery.ts";

/** How often a command that may be sent again is, when its connection is lost. */
const resendsMax = 3;

const givenUp = "The caller has given up.";

/** Sends a command to where it belongs. */
export function deliver(client: NodeRedisClient, sent: Delivery, options: SendOptions): Promise<unknown> {
  return isCluster(client) ? deliverInCluster(client, sent, options) : deliverTo(client, sent, options.resend);
}

/** Sends a command to one node. node-redis never sends again what it wrote, so what may be sent again is sent here. */
function deliverTo(node: NodeRedisSingle, sent: Delivery, resend: "never" | "ok"): Promise<unknown> {
  return resend === "never" ? start(node, sent) : startAgain(node, sent);
}

async function startAgain(node: NodeRedisSingle, sent: Delivery): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await start(node, sent);
    } catch (error) {
      if (attempt === resendsMax || sent.withdrawn || isKind(error, "ErrorReply") || !node.isOpen) throw error;
    }
  }
}

const gates = new WeakMap<NodeRedisSingle, Gate>();

function start(node: NodeRedisSingle, sent: Delivery): Promise<unknown> {
  // A client that is closed refuses at once.
  if (node.isReady || !node.isOpen) return send(node, sent);
  return gateOf(node).hold(sent, () => send(node, sent));
}

function send(node: NodeRedisSingle, sent: Delivery): Promise<unknown> {
  sent.written = node.isReady;
  return node.sendCommand(sent.args, node.options?.commandOptions?.typeMapping === undefined ? sent.options : sent.fullOptions);
}

/** One for each connection, with listeners that stay as long as it does. */
function gateOf(node: NodeRedisSingle): Gate {
  const known = gates.get(node);
  if (known !== undefined) return known;
  const gate = new Gate();
  gates.set(node, gate);
  node.on("ready", () => gate.open());
  node.on("end", () => gate.shut(new ClientClosedError()));
  return gate;
}

/**
 * The node of the slot is asked directly: node-redis' own way sends some commands to every node (SCRIPT LOAD), and what follows
 * each other in a batch must reach the same one. A redirection is node-redis' to follow.
 */
async function deliverInCluster(cluster: NodeRedisCluster, sent: Delivery, options: SendOptions): Promise<unknown> {
  const { key, readOnly = false, resend } = options;
  if (cluster.masters.length === 0) await known(cluster);
  if (sent.withdrawn) throw new Error(givenUp);
  const member = memberFor(cluster, key, readOnly);
  if (member === undefined) throw new Error("No node of the cluster serves this key.");
  try {
    return await deliverToMember(cluster, member, sent, resend);
  } catch (error) {
    if (key === undefined || sent.withdrawn || !isKind(error, "ErrorReply") || !/^(?:MOVED|ASK) /.test((error as Error).message))
      throw error;
    return cluster.sendCommand(routingKey(key), readOnly, sent.args, sent.options);
  }
}

const waits = new WeakMap<NodeRedisCluster, Promise<void>>();

/** Waits until a cluster client that connects knows its nodes. All calls share one listener. */
function known(cluster: NodeRedisCluster): Promise<void> {
  if (!cluster.isOpen) return Promise.reject(new ClientClosedError());
  let wait = waits.get(cluster);
  if (wait === undefined) {
    wait = new Promise((resolve) => {
      const connected = (): void => {
        cluster.off("connect", connected);
        waits.delete(cluster);
        resolve();
      };
      cluster.on("connect", connected);
    });
    waits.set(cluster, wait);
  }
  return wait;
}

/** Named as node-redis names it where a client is asked that is not open. */
class ClientClosedError extends Error {
  constructor() {
    super("The node-redis client is not open.");
  }
}

/** Sends a command to one node of a cluster, to which there may be no connection yet. */
export async function deliverToMember(
  cluster: NodeRedisCluster,
  member: NodeRedisMember,
  sent: Delivery,
  resend: "never" | "ok",
): Promise<unknown> {
  const node = isReady(member.client) ? member.client : ((await cluster.nodeClient(member)) as NodeRedisSingle);
  if (sent.withdrawn) throw new Error(givenUp);
  return deliverTo(node, sent, resend);
}

/** The node that a command goes to; `undefined` while the cluster is not known. */
export function memberFor(cluster: NodeRedisCluster, key: Arg | undefined, readOnly: boolean): NodeRedisMember | undefined {
  if (key === undefined) return cluster.masters[Math.floor(Math.random() * cluster.masters.length)];
  const slot = slotOf(key);
  const shard = cluster.slots[slot];
  return shard !== undefined && readOnly ? (cluster.getSlotRandomNode(slot) as NodeRedisMember) : shard?.master;
}

function routingKey(key: Arg): string | Buffer {
  return typeof key === "string" ? key : Buffer.from(key);
}

function isReady(client: unknown): client is NodeRedisSingle {
  return (client as NodeRedisSingle | undefined)?.isReady === true;
}
