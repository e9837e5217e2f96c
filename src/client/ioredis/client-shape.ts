/** What the adapter asks of an ioredis client. ioredis 5 and 6 have it, and iovalkey. */
export interface IoredisNode {
  readonly status: string;
  // biome-ignore lint/suspicious/noExplicitAny: the Command class of every version and fork of ioredis is another one
  sendCommand(command: any): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of each event differ
  off(event: string, listener: (...args: any[]) => void): unknown;
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  readonly options: object;
}

/** `new Redis()` */
export interface IoredisSingle extends IoredisNode {
  // biome-ignore lint/suspicious/noExplicitAny: the options of each version are others
  duplicate(override?: any): IoredisSingle;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
}

/** `new Cluster()` */
export interface IoredisCluster extends IoredisNode {
  readonly isCluster: boolean;
  readonly slots: readonly (readonly string[] | undefined)[];
  // biome-ignore lint/suspicious/noExplicitAny: the instances are those of the client's own copy of ioredis
  nodes(role?: any): any[];
}

export type IoredisClient = IoredisSingle | IoredisCluster;

export function isCluster(client: IoredisClient): client is IoredisCluster {
  return (client as { readonly isCluster?: boolean }).isCluster === true;
}
