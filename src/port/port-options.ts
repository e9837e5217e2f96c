import { availableParallelism } from "node:os";
import { accept, boolean, type Duration, duration, type Field, readOptions, withDefault } from "../core/index.ts";

/** How a client that you have is used. */
export interface PortOptions {
  /** Put before every key, with a colon, so that several programs can share a Redis. @default none */
  readonly prefix?: string;
  /** How long a call may take that does not say so itself, waiting for a connection included. @default "5s" */
  readonly timeout?: Duration;
  /**
   * Waits awake for replies where they come sooner for it, as from a Redis on the same machine: one caller then waits about half as
   * long, and the process looks busier than it is. Has no effect on `memory:`.
   * @default true if there are two processors or more
   */
  readonly busyPoll?: boolean;
}

/** What an adapter works with. */
export interface PortSettings {
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly busyPoll: boolean;
  /** Ends the client, if the port is its owner. */
  readonly end?: () => void;
}

type Optional<Value> = Field<Value> & { readonly fallback: unknown };

/** How the options of a port are read. With one processor, polling would keep a server on the same machine from working. */
export const portFields: {
  readonly prefix: Optional<string>;
  readonly timeout: Optional<number>;
  readonly busyPoll: Optional<boolean>;
} = {
  prefix: withDefault(
    accept<string>("text", (value) => typeof value === "string"),
    "",
  ),
  timeout: withDefault(duration({ min: 1 }), "5s"),
  busyPoll: withDefault(boolean(), availableParallelism() > 1),
};

/** Reads the options of an adapter. */
export function readPortOptions(owner: string, options: PortOptions): PortSettings {
  const { prefix, timeout, busyPoll } = readOptions(owner, options, portFields);
  return { prefix, timeoutMs: timeout, busyPoll };
}
