import type { Database } from "../store/index.ts";
import type { Command } from "./command-table.ts";
import { mode } from "./restraint.ts";
import type { Session } from "./session.ts";

/** A command that waits for EXEC. */
export interface Queued {
  readonly command: Command;
  readonly args: readonly string[];
}

/** What a client has queued since MULTI. */
export class Transaction {
  readonly queue: Queued[] = [];
  /** All flags of what is queued. */
  bits = 0;
  /** A command could not be queued, so EXEC will run none. */
  broken = false;

  add(command: Command, args: readonly string[]): void {
    this.queue.push({ command, args });
    this.bits |= command.bits;
  }
}

/** Begins to queue. */
export function beginTransaction(session: Session): void {
  session.transaction = new Transaction();
  session.mode |= mode.queueing;
}

/** Forgets what was queued and what was watched. */
export function endTransaction(session: Session): void {
  session.transaction = undefined;
  session.mode &= ~mode.queueing;
  session.engine.watches.release(session);
}

/** A key that a client watches. */
interface WatchedKey {
  readonly database: Database;
  readonly key: string;
  /** It had expired already when WATCH was called, and was not yet removed: that it vanishes is no change. */
  lapsed: boolean;
}

/** What one client watches. */
export class Watching {
  readonly keys: WatchedKey[] = [];
  /** One of the keys was changed. */
  touched = false;
}

/** Who watches which keys. A key that nobody watches costs nothing. */
export class Watches {
  readonly #watchers = new Map<Database, Map<string, Set<Session>>>();
  /** Keys that are watched. */
  size = 0;

  watch(session: Session, key: string): void {
    const database = session.db;
    session.watching ??= new Watching();
    const { keys } = session.watching;
    if (keys.some((each) => each.key === key && each.database === database)) return;
    keys.push({ database, key, lapsed: database.isLapsed(key) });
    let ofDatabase = this.#watchers.get(database);
    if (ofDatabase === undefined) {
      ofDatabase = new Map();
      this.#watchers.set(database, ofDatabase);
    }
    const watchers = ofDatabase.get(key);
    if (watchers !== undefined) watchers.add(session);
    else {
      ofDatabase.set(key, new Set([session]));
      this.size++;
    }
  }

  /** The client watches nothing any more. */
  release(session: Session): void {
    if (session.watching === undefined) return;
    for (const { database, key } of session.watching.keys) {
      const ofDatabase = this.#watchers.get(database);
      const watchers = ofDatabase?.get(key);
      if (watchers?.delete(session) === true && watchers.size === 0) {
        ofDatabase?.delete(key);
        this.size--;
      }
    }
    session.watching = undefined;
  }

  /** A key was changed: whoever watches it will find its EXEC refused. */
  touch(database: Database, key: string): void {
    const watchers = this.#watchers.get(database)?.get(key);
    if (watchers === undefined) return;
    for (const { watching } of watchers) {
      if (watching === undefined) continue;
      const entry = watching.keys.find((each) => each.key === key && each.database === database);
      if (entry?.lapsed === true && database.peek(key) === undefined) entry.lapsed = false;
      else watching.touched = true;
    }
  }

  /** All of a database was exchanged: that is a change to every key that was there, or is there now. */
  replaced(database: Database, had: (key: string) => boolean): void {
    for (const [key, watchers] of this.#watchers.get(database) ?? []) {
      if (!had(key) && !database.has(key)) continue;
      for (const { watching } of watchers) if (watching !== undefined) watching.touched = true;
    }
  }

  /** True if EXEC may run: nothing that is watched was changed or has expired since. */
  intact({ watching }: Session): boolean {
    if (watching === undefined) return true;
    if (watching.touched) return false;
    return watching.keys.every(({ database, key, lapsed }) => lapsed || !database.isLapsed(key));
  }
}
