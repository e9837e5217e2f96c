import { accept, type Duration, duration, readOptions, withDefault } from "../core/index.ts";

/** How a client that you have is used. */
export interface PortOptions {
  /** Put before every key, with a colon, so that several programs can share a Redis. @default none */
  readonly prefix?: string;
  /** How long a call may take that does not say so itself, waiting for a connection included. @default "5s" */
  readonly timeout?: Duration;
}

/** What an adapter works with. */
export interface PortSettings {
  readonly prefix: string;
  readonly timeoutMs: number;
  /** Ends the client, if the port is its owner. */
  readonly end?: () => void;
}

/** Reads the options of an adapter. */
export function readPortOptions(owner: string, options: PortOptions): PortSettings {
  const { prefix, timeout } = readOptions(owner, options, {
    prefix: withDefault(
      accept<string>("text", (value) => typeof value === "string"),
      "",
    ),
    timeout: withDefault(duration({ min: 1 }), "5s"),
  });
  return { prefix, timeoutMs: timeout };
}
