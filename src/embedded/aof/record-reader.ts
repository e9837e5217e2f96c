import { readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { headerLength, type LogRecord, readHeader, readRecord } from "./record.ts";

const windowBytes = 1 << 20;

/** Reads a file record by record, without holding all of it. */
export class RecordReader {
  readonly #descriptor: number;
  readonly #size: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** Where the next record begins. */
  offset: number;

  constructor(descriptor: number, size: number, offset: number) {
    this.#descriptor = descriptor;
    this.#size = size;
    this.offset = offset;
  }

  /**
   * The next record. At the end, `"end"`; `"torn"` where the last record was not written to its end; `"corrupt"` where bytes were
   * changed that had been written. The offset stays there.
   */
  next(): LogRecord | "end" | "torn" | "corrupt" {
    const { offset } = this;
    const left = this.#size - offset;
    if (left === 0) return "end";
    if (left < headerLength) return "torn";
    const header = readHeader(this.#bytes(offset, headerLength));
    if (header === undefined) return this.#zerosFrom(offset) ? "torn" : "corrupt";
    const end = offset + headerLength + header.length;
    if (end > this.#size) return "torn";
    const payload = this.#bytes(offset + headerLength, header.length);
    if (crc32(payload) !== header.checksum) return this.#zerosFrom(end) ? "torn" : "corrupt";
    this.offset = end;
    return readRecord(payload);
  }

  /** A machine that loses power may leave zeros where the end of the file was to be. */
  #zerosFrom(offset: number): boolean {
    for (let at = offset; at < this.#size; at += windowBytes) {
      const bytes = this.#bytes(at, Math.min(windowBytes, this.#size - at));
      if (bytes.some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  #bytes(offset: number, length: number): Buffer {
    const start = offset - this.#windowAt;
    if (start >= 0 && start + length <= this.#window.length) return this.#window.subarray(start, start + length);
    // Arguments are copied out of it, so the window can be read over.
    const window = Buffer.allocUnsafe(Math.min(Math.max(length, windowBytes), this.#size - offset));
    let filled = 0;
    while (filled < window.length) {
      const count = readSync(this.#descriptor, window, filled, window.length - filled, offset + filled);
      if (count === 0) throw new Error("The file became shorter while it was being read.");
      filled += count;
    }
    this.#window = window;
    this.#windowAt = offset;
    return window.subarray(0, length);
  }
}
