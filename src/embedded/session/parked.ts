import type { Blocked } from "../command/index.ts";
import type { Database, ValueType } from "../store/index.ts";
import { engineFailed, type Reply } from "../value/index.ts";
import type { Command } from "./command-table.ts";
import { narrowed } from "./narrowed.ts";
import type { Sink } from "./outbox.ts";
import type { Session } from "./session.ts";

/** A call that waits for one of its keys. */
export class Parked {
  readonly session: Session;
  readonly command: Command;
  readonly database: Database;
  readonly keys: readonly string[];
  readonly timeoutMs: number;
  /** The reply once the time is up. */
  readonly expired: Reply;
  readonly reply: Sink<Reply>;
  /** What a key must hold to wake it. */
  readonly type: ValueType;
  /** XREADGROUP is told when its stream or its group goes away; all others wait for the next one. */
  readonly hearsOfLoss: boolean;
  /** Calls its timeout off. */
  callOff: (() => void) | undefined = undefined;
  readonly #args: readonly string[];

  constructor(session: Session, command: Command, blocked: Blocked, args: readonly string[], reply: Sink<Reply>) {
    this.session = session;
    this.command = command;
    this.database = session.db;
    this.keys = blocked.keys;
    this.timeoutMs = blocked.timeoutMs;
    this.expired = blocked.expired;
    this.reply = reply;
    const { group } = command.spec;
    this.type = group === "stream" ? "stream" : group === "sorted-set" ? "zset" : "list";
    this.hearsOfLoss = command.name === "xreadgroup";
    this.#args = blocked.again ?? args;
  }

  /** Runs again what was sent, for the key that is ready alone: that key is served, not the first that was named. */
  retry(key: string): Reply | Blocked {
    const { session, command } = this;
    session.resumed = true;
    try {
      return session.run(command, this.keys.length === 1 ? this.#args : narrowed(command.name, this.#args, key));
    } catch (error) {
      // Whoever changed the key, or the timer that did, has nothing to do with it.
      return engineFailed(error);
    } finally {
      session.resumed = false;
    }
  }
}
