import { crc32 } from "node:zlib";

/** With this each file begins, so that no other file is taken for one. */
export const signature = "redlua-aof 1\n";

/**
 * A record is what one command, transaction or script has changed. Its first line has a fixed length: the length of what follows,
 * the CRC-32 of that, and the CRC-32 of these two, so that a length that has been damaged is not taken for a record that was cut
 * off. Then comes a line with the time and the database, and the commands as Redis' protocol writes them:
 *
 *     #00000030 1c291ca3 2f6e1a55
 *     1700000000000.5 0
 *     *3
 *     $3
 *     SET
 *     …
 */
export const headerLength = 28;

/** What a record says. */
export interface LogRecord {
  /** Milliseconds since 1970 at which the commands ran. */
  readonly now: number;
  readonly database: number;
  readonly commands: readonly (readonly string[])[];
}

const capacityDefault = 65_536;
const keptMax = 4 << 20;

/** Longer arguments are written by themselves, not first joined to what surrounds them. */
const joinedMax = 4096;

/** Records that wait to be written, in one piece of memory. */
export class RecordBuffer {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number = capacityDefault) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** What was added and not yet taken. Do not keep: the next addition may overwrite it. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  add(database: number, now: number, commands: readonly (readonly string[])[]): void {
    const start = this.#length;
    this.#length += headerLength;
    let text = `${now} ${database}\r\n`;
    for (let index = 0; index < commands.length; index++) {
      const command = commands[index] as readonly string[];
      text += `*${command.length}\r\n`;
      for (let at = 0; at < command.length; at++) {
        const arg = command[at] as string;
        text += `$${arg.length}\r\n`;
        if (arg.length <= joinedMax) {
          text += arg;
        } else {
          this.#put(text);
          this.#put(arg);
          text = "";
        }
        text += "\r\n";
      }
      if (text.length > joinedMax) {
        this.#put(text);
        text = "";
      }
    }
    this.#put(text);
    const payload = this.#bytes.subarray(start + headerLength, this.#length);
    this.#bytes.write(headerOf(payload), start, "latin1");
  }

  /** Forgets the first bytes: they are written. */
  take(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    // One great value should not cost its memory for ever.
    if (this.#length === 0 && this.#bytes.length > keptMax) this.#bytes = Buffer.allocUnsafe(capacityDefault);
  }

  #put(text: string): void {
    this.#reserve(text.length);
    this.#bytes.write(text, this.#length, "latin1");
    this.#length += text.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, Math.min(this.#length, this.#bytes.length));
    this.#bytes = larger;
  }
}

/** The first line of a record. */
function headerOf(payload: Buffer): string {
  const sized = `#${hex(payload.length)} ${hex(crc32(payload))}`;
  return `${sized} ${hex(crc32(sized))}\n`;
}

/** Length and checksum that the first line of a record tells; `undefined` if it is none. */
export function readHeader(line: Buffer): { readonly length: number; readonly checksum: number } | undefined {
  const text = line.toString("latin1", 0, headerLength);
  const sized = text.slice(0, 18);
  if (text !== `${sized} ${hex(crc32(sized))}\n` || text.charCodeAt(0) !== 35) return undefined;
  return { length: Number.parseInt(text.slice(1, 9), 16), checksum: Number.parseInt(text.slice(10, 18), 16) };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** What the bytes after a first line say. Their checksum has been compared, so they are what {@link RecordBuffer} wrote. */
export function readRecord(payload: Buffer): LogRecord {
  const end = payload.indexOf("\r\n");
  const [now, database] = payload.toString("latin1", 0, end).split(" ");
  const commands: string[][] = [];
  let at = end + 2;
  const number = (): number => {
    let value = 0;
    for (at++; payload[at] !== 13; at++) value = value * 10 + (payload[at] as number) - 48;
    at += 2;
    return value;
  };
  while (at < payload.length) {
    const command: string[] = [];
    for (let left = number(); left > 0; left--) {
      const length = number();
      command.push(payload.toString("latin1", at, at + length));
      at += length + 2;
    }
    commands.push(command);
  }
  return { now: Number(now), database: Number(database), commands };
}
