import { Refusal } from "../value/index.ts";
import { bit } from "./command-table.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** CLIENT PAUSE: calls wait until it is over; all of them, or those that write. */
export class Pause {
  readonly #engine: Engine;
  readonly #waiting = new Set<Session>();
  #until = 0;
  #all = false;
  #callOff: (() => void) | undefined = undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Begins it, or makes it longer or harder; never shorter or milder. */
  begin(ms: number, all: boolean): void {
    const until = this.#engine.keyspace.now + ms;
    this.#all ||= all;
    if (until <= this.#until) return;
    this.#until = until;
    this.#callOff?.();
    this.#callOff = this.#engine.clock.after(ms, () => {
      this.end();
      this.#engine.outbox.flush();
    });
  }

  /** True if the call has to wait; then its session goes on by itself when it is over. */
  holds(session: Session, args: readonly string[]): boolean {
    if (this.#engine.keyspace.now >= this.#until) {
      this.end();
      return false;
    }
    if (!this.#all && !writes(session, args)) return false;
    this.#waiting.add(session);
    return true;
  }

  forget(session: Session): void {
    this.#waiting.delete(session);
  }

  end(): void {
    this.#callOff?.();
    this.#engine.pause = undefined;
    for (const session of this.#waiting) session.resume();
  }
}

function writes(session: Session, args: readonly string[]): boolean {
  const command = session.find(args);
  // What is refused is refused at once.
  if (command instanceof Refusal) return false;
  const bits = command.name === "exec" ? (session.transaction?.bits ?? 0) : command.bits;
  return (bits & (bit.write | bit.mayReplicate)) !== 0;
}
