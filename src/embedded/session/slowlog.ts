import type { Reply } from "../value/index.ts";
import { bit, type Command } from "./command-table.ts";
import { redacted } from "./monitor-line.ts";
import type { Session } from "./session.ts";

interface Entry {
  readonly id: number;
  readonly seconds: number;
  readonly micros: number;
  readonly args: readonly string[];
  readonly address: string;
  readonly name: string;
}

const slowerThanDefault = 10_000;
const argsMax = 32;
const bytesMax = 128;

/** Commands that took long, the latest first. */
export class Slowlog {
  /** Bits of the commands whose time is taken. It costs about as much as a short command does, so not of those by default. */
  mask: number = bit.maybeSlow;
  #slowerThan = slowerThanDefault;
  /** How many are kept. */
  max = 128;
  #entries: Entry[] = [];
  #lastId = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Microseconds beyond which a command is kept; negative for none. */
  get slowerThan(): number {
    return this.#slowerThan;
  }

  set slowerThan(micros: number) {
    this.#slowerThan = micros;
    if (micros < 0) this.mask = 0;
    else this.mask = micros < slowerThanDefault ? bit.logged : bit.maybeSlow;
  }

  /** Keeps a command if it took long. */
  add(session: Session, command: Command, args: readonly string[], ms: number): void {
    const micros = ms * 1000;
    if (micros < this.#slowerThan) return;
    const seconds = Math.floor(session.lastAt / 1000);
    const { address, name } = session;
    this.#entries.unshift({
      id: this.#lastId++,
      seconds,
      micros: Math.floor(micros),
      args: shortened(redacted(command.name, args)),
      address,
      name,
    });
    if (this.#entries.length > this.max) this.#entries.length = Math.max(this.max, 0);
  }

  reset(): void {
    this.#entries = [];
  }

  /** The latest, at most so many; all with -1. */
  list(count: number): readonly Reply[] {
    const chosen = count < 0 ? this.#entries : this.#entries.slice(0, count);
    return chosen.map(({ id, seconds, micros, args, address, name }) => [id, seconds, micros, args, address, name]);
  }
}

function shortened(args: readonly string[]): readonly string[] {
  const shown = args.slice(0, args.length > argsMax ? argsMax - 1 : argsMax).map((arg) => {
    return arg.length <= bytesMax ? arg : `${arg.slice(0, bytesMax)}... (${arg.length - bytesMax} more bytes)`;
  });
  if (args.length > argsMax) shown.push(`... (${args.length - argsMax + 1} more arguments)`);
  return shown;
}
