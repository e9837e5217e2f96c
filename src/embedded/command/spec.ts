import type { Database, Keyspace } from "../store/index.ts";
import type { Reply } from "../value/index.ts";

/** What a command may know of who runs it. A client's session is one; so is a script. */
export interface CommandContext {
  /** The database that is selected. */
  readonly db: Database;
  readonly keyspace: Keyspace;
  /** Which protocol the reply will leave in. Only for what differs in more than its form. */
  readonly resp: 2 | 3;
  /** True for a script: XREAD refuses to BLOCK there, in words of its own. */
  readonly script?: boolean;
  /**
   * True while a command that was {@link Blocked} is run again. Keys that hold something of another type are then passed over:
   * Redis wakes a client only for what it waits for, and tells it nothing of the rest.
   */
  readonly resumed?: boolean;
  /**
   * What the append-only file shall keep instead of the command as it was sent, where running that again would choose
   * otherwise (SPOP). Not needed for times: what is kept is run again at the time at which it ran.
   */
  record(command: readonly string[]): void;
}

/**
 * A blocking command with nothing to give yet. Whoever runs it parks the client and runs the command again, whole, each time
 * that one of the keys changed; a script or a transaction answers `declined` at once.
 */
export class Blocked {
  readonly keys: readonly string[];
  /** Milliseconds; 0 waits without end. */
  readonly timeoutMs: number;
  /** The reply once the time is up. */
  readonly expired: Reply;
  /** What to run again, if not the command as it was sent (`XREAD … $` has found out its last id). */
  readonly again: readonly string[] | undefined;
  /** What a script or a transaction answers: `expired`, but for BLMOVE, which is a null bulk string there. */
  readonly declined: Reply;

  constructor(keys: readonly string[], timeoutMs: number, expired: Reply, again?: readonly string[], declined: Reply = expired) {
    this.keys = keys;
    this.timeoutMs = timeoutMs;
    this.expired = expired;
    this.again = again;
    this.declined = declined;
  }
}

/** Groups of commands, as COMMAND DOCS names them. */
export type CommandGroup =
  | "generic"
  | "string"
  | "bitmap"
  | "hash"
  | "list"
  | "set"
  | "sorted-set"
  | "stream"
  | "hyperloglog"
  | "geo"
  | "pubsub"
  | "transactions"
  | "connection"
  | "server"
  | "scripting";

/** Flags of a command, as COMMAND INFO answers them. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "fast"
  | "no_auth"
  | "may_replicate"
  | "no_mandatory_keys"
  | "allow_busy"
  | "movablekeys"
  | "no_async_loading"
  | "no_multi";

/** One command: all that the dispatcher, COMMAND, MULTI, scripts and the append-only file need to know of it. */
export interface CommandSpec {
  /** Lower case; a subcommand as `config|get`. */
  readonly name: string;
  /** Arguments, the name included; negative: at least so many. As COMMAND INFO answers it. */
  readonly arity: number;
  readonly group: CommandGroup;
  readonly flags: readonly CommandFlag[];
  /** Position of the first key, the last (negative: from the end) and the step; `undefined` for none. As COMMAND INFO answers it. */
  readonly keys?: readonly [first: number, last: number, step: number];
  /** Positions of the keys where a triple cannot tell (EVAL, ZUNIONSTORE, XREAD). */
  readonly findKeys?: (args: readonly string[]) => readonly number[];
  /**
   * Runs it. `args[0]` is the name as it was sent; the count has been checked against `arity`. Throws a `Refusal` for an error
   * reply, before anything was changed.
   */
  run(context: CommandContext, args: readonly string[]): Reply | Blocked;
}
