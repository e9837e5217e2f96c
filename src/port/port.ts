import type { ClientError } from "./errors.ts";

/** What goes into a command: text (sent as UTF-8) or bytes, exactly as given. */
export type Arg = string | Uint8Array;

/**
 * What comes back: the portable subset of RESP2 and RESP3. Adapters never let a map, double, set or big number through,
 * so every client and protocol gives the same values.
 */
export type Reply = null | number | bigint | string | Uint8Array | readonly Reply[];

/** How one command, or one batch, is to be sent. */
export interface SendOptions {
  /** A key whose slot decides where the command goes. Without one, any node will do. */
  readonly key?: Arg;
  /** The command reads only, so a replica may answer it. @default false */
  readonly readOnly?: boolean;
  /** Answer strings, bulk and status alike, as `Uint8Array` instead of text. @default false */
  readonly bytes?: boolean;
  /**
   * What to do when the connection is lost after the command was written and before its reply came: `"never"` fails
   * with `applied: "maybe"`, `"ok"` may send it again.
   */
  readonly resend: "never" | "ok";
  /** Gives up at once: what was not yet written is not sent, and fails with `applied: "no"`. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so many milliseconds, waiting for a connection included. @default the connection's `timeout` */
  readonly timeoutMs?: number | undefined;
}

/** A blocking command, on a connection of its own, for as long as it takes. */
export interface BlockOptions {
  /** Ends the wait. The connection is dropped if that is what it takes. */
  readonly signal: AbortSignal;
  /** A key whose slot decides which node of a cluster is asked. */
  readonly key?: Arg;
  /** Answer strings, bulk and status alike, as `Uint8Array` instead of text. @default false */
  readonly bytes?: boolean;
}

/** Hears what is published on a channel. */
export interface Listener {
  /** Something was published. */
  message(text: string): void;
  /** The subscription was lost and is back: what was published in between is gone. */
  restored?(): void;
}

/** Ends a subscription. Resolves when no further message will be heard. */
export type Unsubscribe = () => Promise<void>;

/** What a caller may need to know of the connection. */
export interface PortTraits {
  /** Keys of one command must share a slot, and a message published on another node is not counted. */
  readonly cluster: boolean;
  /** Name of the client library, for messages: `ioredis`, `node-redis`. */
  readonly client: string;
  /** Put before every key by the engine, with a colon; empty for none. */
  readonly prefix: string;
}

/**
 * All that redlua asks of a Redis client. One small interface: an adapter implements it, everything else is built on it.
 *
 * Every method rejects with a {@link ClientError} and with nothing else. Commands that are sent while the client is not
 * connected wait for it until their timeout, and are then known not to have been applied.
 */
export interface RedisPort extends AsyncDisposable {
  /** Sends one command. */
  send(command: readonly Arg[], options: SendOptions): Promise<Reply>;
  /** Sends commands in order on one connection; in a cluster to the node of `options.key`. A refusal is that entry's alone. */
  batch(commands: readonly (readonly Arg[])[], options: SendOptions): Promise<readonly (Reply | ClientError)[]>;
  /** Sends one command to every primary. */
  broadcast(command: readonly Arg[], options: Omit<SendOptions, "key" | "readOnly">): Promise<readonly Reply[]>;
  /** Listens to a channel. Resolves when the server has confirmed it. */
  subscribe(channel: string, listener: Listener): Promise<Unsubscribe>;
  /** Sends one blocking command on a connection of its own. */
  block(command: readonly Arg[], options: BlockOptions): Promise<Reply>;
  readonly traits: PortTraits;
  /** Ends the connections that the port opened. A client that was handed in stays open. `await using` calls it too. */
  close(): Promise<void>;
}
