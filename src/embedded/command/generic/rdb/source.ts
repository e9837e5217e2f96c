/** What was to be restored is not what any Redis wrote. */
export class BadPayload extends Error {
  override readonly name = "BadPayload";
}

/** Bytes that are read one after the other, and never beyond their end. */
export class Source {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new BadPayload("The payload ends too early.");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  text(length: number): string {
    return this.take(length).toString("latin1");
  }

  /** An integer of so many bytes, the lowest first, signed, in its text. */
  integer(length: number): string {
    return length === 8 ? String(this.take(8).readBigInt64LE()) : String(this.take(length).readIntLE(0, length));
  }
}
