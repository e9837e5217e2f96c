/** How node-redis is asked to send one command. */
export interface NodeCommandOptions {
  readonly typeMapping?: Readonly<Record<number, unknown>>;
  readonly timeout: undefined;
  readonly chainId?: symbol;
}

/** What the adapter asks of `createClient()`, of node-redis 5 or 6. */
export interface NodeRedisSingle {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each version are others
  readonly options: any;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each version are others
  sendCommand(args: any, options?: any): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each version are others
  duplicate(overrides?: any): any;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  off(event: any, listener: (...args: any[]) => void): unknown;
  destroy(): void;
}

/** A node of the cluster, as node-redis keeps it. */
export interface NodeRedisMember {
  readonly address: string;
  readonly client?: unknown;
  readonly connectPromise?: unknown;
}

/** What the adapter asks of `createCluster()`, of node-redis 5 or 6. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly slots: readonly ({ readonly master: NodeRedisMember } | undefined)[];
  readonly masters: readonly NodeRedisMember[];
  // biome-ignore lint/suspicious/noExplicitAny: the nodes are those of the client's own copy of node-redis
  nodeClient(node: any): any;
  // biome-ignore lint/suspicious/noExplicitAny: the nodes are those of the client's own copy of node-redis
  getSlotRandomNode(slot: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each version are others
  sendCommand(firstKey: any, isReadonly: boolean | undefined, args: any, options?: any): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  off(event: any, listener: (...args: any[]) => void): unknown;
  destroy(): void;
}

export type NodeRedisClient = NodeRedisSingle | NodeRedisCluster;

export function isCluster(client: NodeRedisClient): client is NodeRedisCluster {
  return "nodeClient" in client;
}
