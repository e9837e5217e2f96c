import { Buffer } from "node:buffer";

/**
 * Reads what a script packed with `cmsgpack`: arrays, strings and sizes, one after the other. One reply of many words costs a client
 * and Redis a third of what as many replies do.
 *
 * Source: MessagePack specification, "int format family", "str format family" and "array format family".
 */
export class PackedWords {
  readonly #packed: Buffer;
  /** Where the next one begins. */
  #at = 0;
  /** Where the last word ended. */
  #end = 0;

  constructor(packed: Uint8Array) {
    this.#packed = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  }

  /** Where the next one begins. */
  get at(): number {
    return this.#at;
  }

  /** How many words the array has that begins here; none if nothing does. */
  array(): number {
    const packed = this.#packed;
    const head = packed[this.#at++] ?? 0x90;
    // `fixarray`, `array 16`, `array 32`.
    if (head === 0xdc) return packed.readUInt16BE(this.#skip(2));
    if (head === 0xdd) return packed.readUInt32BE(this.#skip(4));
    return head & 0x0f;
  }

  /** A size: a whole number that is not negative. */
  size(): number {
    const packed = this.#packed;
    const head = packed[this.#at++] as number;
    // `positive fixint`, `uint 8`, `uint 16`, `uint 32`.
    if (head === 0xcc) return packed.readUInt8(this.#skip(1));
    if (head === 0xcd) return packed.readUInt16BE(this.#skip(2));
    if (head === 0xce) return packed.readUInt32BE(this.#skip(4));
    return head;
  }

  /** Whether an array begins here. */
  get isArray(): boolean {
    const head = this.#packed[this.#at] as number;
    return (head >= 0x90 && head <= 0x9f) || head === 0xdc || head === 0xdd;
  }

  /** The byte that is next. */
  get head(): number {
    return this.#packed[this.#at] as number;
  }

  /** So many bytes as text, whatever they are. */
  fixed(bytes: number): string {
    const start = this.#skip(bytes);
    return this.#packed.toString("utf8", start, start + bytes);
  }

  /** Passes over the next word if Redis had none: Lua packs `false` in its place. */
  missing(): boolean {
    if (this.#packed[this.#at] !== 0xc2) return false;
    this.#at++;
    return true;
  }

  /** Passes over the next word. */
  passOver(): void {
    this.#next();
  }

  /** The next word as text; empty if there is none. */
  text(): string {
    const start = this.#next();
    return start === -1 ? "" : this.#packed.toString("utf8", start, this.#end);
  }

  /** The next word's bytes, or `undefined` if Redis had none. */
  bytes(): Uint8Array | undefined {
    const start = this.#next();
    return start === -1 ? undefined : this.#packed.subarray(start, this.#end);
  }

  /** What comes up to `end` as it is. */
  rest(end: number): Uint8Array {
    return this.#packed.subarray(this.#skip(end - this.#at), end);
  }

  /** The same as text. */
  restText(end: number): string {
    return this.#packed.toString("utf8", this.#skip(end - this.#at), end);
  }

  /** Finds where the next word begins and ends; -1 if Lua had `false` in its place. */
  #next(): number {
    const packed = this.#packed;
    const at = this.#at;
    const head = packed[at] as number;
    // `fixstr`, `str 8`, `str 16`, `str 32`.
    if (head >= 0xa0 && head <= 0xbf) return this.#word(at + 1, head & 0x1f);
    if (head === 0xd9) return this.#word(at + 2, packed[at + 1] as number);
    if (head === 0xda) return this.#word(at + 3, packed.readUInt16BE(at + 1));
    if (head === 0xdb) return this.#word(at + 5, packed.readUInt32BE(at + 1));
    this.#at = at + 1;
    return -1;
  }

  #word(start: number, length: number): number {
    this.#end = start + length;
    this.#at = this.#end;
    return start;
  }

  /** Passes over so many bytes. Answers where they begin. */
  #skip(bytes: number): number {
    const start = this.#at;
    this.#at += bytes;
    return start;
  }
}
