import { Buffer } from "node:buffer";

/**
 * Reads an array of strings that a script packed with `cmsgpack`. One reply of many words costs a client and Redis a third of
 * what as many replies do.
 *
 * Source: MessagePack specification, "str format family" and "array format family".
 */
export class PackedWords {
  readonly #packed: Buffer;
  #at: number;
  #end = 0;
  #left: number;

  constructor(packed: Uint8Array) {
    this.#packed = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
    const head = packed.length === 0 ? 0x90 : (packed[0] as number);
    // `fixarray`, `array 16`, `array 32`.
    this.#at = head === 0xdc ? 3 : head === 0xdd ? 5 : 1;
    this.#left = head === 0xdc ? this.#packed.readUInt16BE(1) : head === 0xdd ? this.#packed.readUInt32BE(1) : head & 0x0f;
  }

  /** How many are still to be read. */
  get left(): number {
    return this.#left;
  }

  /** Passes over the next word if Redis had none: Lua packs `false` in its place. */
  missing(): boolean {
    if (this.#packed[this.#at] !== 0xc2) return false;
    this.#at++;
    this.#left--;
    return true;
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

  /** Finds where the next word begins and ends; -1 if Lua had `false` in its place. */
  #next(): number {
    this.#left--;
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
}
