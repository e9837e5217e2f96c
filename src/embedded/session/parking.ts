import { Blocked } from "../command/index.ts";
import { type Clock, type Database, typeOf } from "../store/index.ts";
import type { Outbox } from "./outbox.ts";
import type { Parked } from "./parked.ts";

interface Ready {
  readonly database: Database;
  readonly key: string;
}

/** Who waits for which key, in the order in which they came. A key that nobody waits for costs nothing. */
export class Parking {
  readonly #lines = new Map<Database, Map<string, Parked[]>>();
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  #ready: Ready[] = [];
  /** Calls that wait. */
  size = 0;

  constructor(clock: Clock, outbox: Outbox) {
    this.#clock = clock;
    this.#outbox = outbox;
  }

  add(parked: Parked): void {
    let lines = this.#lines.get(parked.database);
    if (lines === undefined) {
      lines = new Map();
      this.#lines.set(parked.database, lines);
    }
    for (const key of new Set(parked.keys)) {
      const line = lines.get(key);
      if (line === undefined) lines.set(key, [parked]);
      else line.push(parked);
    }
    this.size++;
    if (parked.timeoutMs <= 0) return;
    parked.callOff = this.#clock.after(parked.timeoutMs, () => {
      parked.session.unpark(parked.expired);
      this.#outbox.flush();
    });
  }

  remove(parked: Parked): void {
    parked.callOff?.();
    this.size--;
    const lines = this.#lines.get(parked.database);
    for (const key of parked.keys) {
      const line = lines?.get(key);
      const at = line?.indexOf(parked) ?? -1;
      if (at === -1) continue;
      if (line?.length === 1) lines?.delete(key);
      else line?.splice(at, 1);
    }
  }

  /** A key was changed. @returns whether somebody waits for it */
  signal(database: Database, key: string): boolean {
    if (this.#lines.get(database)?.has(key) !== true) return false;
    if (!this.#ready.some((each) => each.key === key && each.database === database)) this.#ready.push({ database, key });
    return true;
  }

  /** All of a database was exchanged: any key of it that somebody waits for may be there now. */
  signalAll(database: Database): boolean {
    const lines = this.#lines.get(database);
    if (lines === undefined) return false;
    for (const key of lines.keys()) this.signal(database, key);
    return lines.size > 0;
  }

  /**
   * Serves who waits for the keys that were changed, key by key; and who waits for what they change in turn.
   *
   * @param goesOn asked before each of them
   * @returns false if it did not go on: whoever is left is served the next time
   */
  serve(goesOn: () => boolean): boolean {
    while (this.#ready.length !== 0) {
      const round = this.#ready;
      this.#ready = [];
      for (const [at, { database, key }] of round.entries()) {
        if (this.#serveKey(database, key, goesOn)) continue;
        this.#ready.unshift(...round.slice(at));
        return false;
      }
    }
    return true;
  }

  #serveKey(database: Database, key: string, goesOn: () => boolean): boolean {
    const line = this.#lines.get(database)?.get(key);
    if (line === undefined) return true;
    for (const parked of line.slice()) {
      if (parked.session.parked !== parked) continue;
      if (!goesOn()) return false;
      const value = database.get(key);
      if (!parked.hearsOfLoss && (value === undefined || typeOf(value) !== parked.type)) continue;
      const reply = parked.retry(key);
      if (!(reply instanceof Blocked)) parked.session.unpark(reply);
    }
    return true;
  }
}
