import { crc64 } from "./crc64.ts";

/** The version of Redis 7.0's dumps, and the mark of a library in one. */
const version = 10;
const libraryMark = 0xf5;
const preReleaseMark = 0xf6;
const trailerLength = 10;

/** What FUNCTION DUMP answers: Redis' own format, which a Redis 7 takes. */
export function writeDump(sources: Iterable<string>): string {
  let dump = "";
  for (const source of sources) dump += String.fromCharCode(libraryMark) + lengthOf(source.length) + source;
  dump += String.fromCharCode(version & 0xff, version >>> 8);
  return dump + crc64(dump);
}

/**
 * The sources of the libraries in a dump, Redis' own included, whose texts are compressed.
 *
 * @returns what is wrong with it, if it is no dump
 */
export function readDump(dump: string): readonly string[] | { readonly error: string } {
  const end = dump.length - trailerLength;
  const newest = end < 0 ? Number.POSITIVE_INFINITY : dump.charCodeAt(end) + dump.charCodeAt(end + 1) * 256;
  if (newest > version || crc64(dump.slice(0, -8)) !== dump.slice(-8))
    return { error: "DUMP payload version or checksum are wrong" };
  const sources: string[] = [];
  const reader = new DumpReader(dump.slice(0, end));
  while (!reader.ended) {
    const mark = reader.byte();
    if (mark === preReleaseMark) return { error: "Pre-GA function format not supported" };
    if (mark !== libraryMark) return { error: "given type is not a function" };
    const source = reader.text();
    if (source === undefined) return { error: "Failed loading library data" };
    sources.push(source);
  }
  return sources;
}

function lengthOf(length: number): string {
  if (length < 64) return String.fromCharCode(length);
  if (length < 16_384) return String.fromCharCode(0x40 | (length >>> 8), length & 0xff);
  return `\x80${String.fromCharCode(length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff)}`;
}

class DumpReader {
  readonly #bytes: string;
  #at = 0;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte; NaN at the end. */
  byte(): number {
    return this.#bytes.charCodeAt(this.#at++);
  }

  /** A text, compressed or not; `undefined` if the bytes are none. */
  text(): string | undefined {
    const first = this.byte();
    // Numbers are written shorter than their digits, but a library is no number: only compressed texts are left.
    if (first === 0xc3) {
      const packed = this.#length(this.byte());
      const length = this.#length(this.byte());
      const bytes = this.#take(packed);
      return bytes === undefined ? undefined : inflate(bytes, length);
    }
    return this.#take(this.#length(first));
  }

  #length(first: number): number {
    const kind = first >>> 6;
    if (kind === 0) return first;
    if (kind === 1) return ((first & 0x3f) << 8) | this.byte();
    if (first !== 0x80) return Number.NaN;
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }

  #take(length: number): string | undefined {
    if (!(this.#at + length <= this.#bytes.length)) return undefined;
    const bytes = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

/** Undoes LZF: a control byte below 32 is followed by that many literals and one, else it points back into what was written. */
function inflate(packed: string, length: number): string | undefined {
  const out = Buffer.alloc(Math.min(length, packed.length * 264));
  let to = 0;
  for (let at = 0; at < packed.length; ) {
    const control = packed.charCodeAt(at++);
    if (control < 32) {
      for (let left = control + 1; left > 0; left--) out[to++] = packed.charCodeAt(at++);
      continue;
    }
    let count = control >>> 5;
    if (count === 7) count += packed.charCodeAt(at++);
    let from = to - ((control & 0x1f) << 8) - packed.charCodeAt(at++) - 1;
    if (from < 0) return undefined;
    for (let left = count + 2; left > 0; left--) out[to++] = out[from++] as number;
  }
  return to === length ? out.toString("latin1") : undefined;
}
