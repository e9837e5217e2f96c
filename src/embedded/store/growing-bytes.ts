/** A string that is changed in place (APPEND, SETRANGE, SETBIT), so that building one up is not quadratic. */
export class GrowingBytes {
  readonly type = "string";
  /** As OBJECT ENCODING tells it: what was changed in place is `raw`, however short. */
  encoding: "raw" | "embstr" = "raw";
  /** The bytes that the keyspace has counted for it so far: the database's own note. */
  counted = 0;
  #bytes: Buffer;
  #length: number;
  #text: string | undefined;

  constructor(text: string) {
    // Not of Buffer's shared pool: a small string would keep eight kilobytes of it alive.
    this.#bytes = Buffer.allocUnsafeSlow(text.length);
    this.#bytes.write(text, "latin1");
    this.#length = text.length;
    this.#text = text;
  }

  /** A string that has not been changed in place, although its digits would otherwise be taken for an integer's. */
  static embedded(text: string): GrowingBytes {
    const bytes = new GrowingBytes(text);
    bytes.encoding = "embstr";
    return bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes as they are now, to be read. Do not keep: the next change may replace them. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes, to be written, after making them at least so long. Do not keep. */
  writable(length: number): Buffer {
    this.grow(length);
    this.#text = undefined;
    this.encoding = "raw";
    return this.#bytes;
  }

  /** The whole as a byte string, kept until the next change: what is read often is not built each time. */
  toString(): string {
    this.#text ??= this.#bytes.toString("latin1", 0, this.#length);
    return this.#text;
  }

  /** Makes it at least so long, with zeros. */
  grow(length: number): void {
    this.encoding = "raw";
    if (length <= this.#length) return;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(length, Math.min(this.#bytes.length * 2, this.#bytes.length + 2 ** 20)));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length = length;
    this.#text = undefined;
  }

  /** Writes text over what is there, growing as needed. */
  write(offset: number, text: string): void {
    this.writable(offset + text.length).write(text, offset, "latin1");
  }

  copy(): GrowingBytes {
    const copy = new GrowingBytes("");
    // Not as a text: the longest string of V8 is shorter.
    copy.#bytes = Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(copy.#bytes, 0, 0, this.#length);
    copy.#length = this.#length;
    copy.#text = this.#text;
    copy.encoding = this.encoding;
    return copy;
  }
}
