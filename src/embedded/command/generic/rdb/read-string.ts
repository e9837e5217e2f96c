import { narrow, type Uint64 } from "../../../store/index.ts";
import { decompress } from "./packed.ts";
import { BadPayload, type Source } from "./source.ts";

/** How much of something follows. */
export function readLength(source: Source): number {
  return Number(readUint64(source));
}

/** An unsigned integer, exactly: one, two, five or nine bytes. */
export function readUint64(source: Source): Uint64 {
  return uint64From(source, source.byte());
}

function uint64From(source: Source, head: number): Uint64 {
  if (head >> 6 === 0) return head;
  if (head >> 6 === 1) return ((head & 63) << 8) | source.byte();
  if (head === 0x80) return source.take(4).readUInt32BE();
  if (head === 0x81) return narrow(source.take(8).readBigUInt64BE());
  throw new BadPayload("Where a length was expected there is none.");
}

/** A string, which may be compressed, or written as an integer. */
export function readBytes(source: Source): Buffer {
  const start = source.byte();
  if (start >> 6 !== 3) return source.take(Number(uint64From(source, start)));
  if (start === 0xc3) {
    const packed = readLength(source);
    const length = readLength(source);
    // LZF makes bytes at most some 264 times fewer: a greater promise is no reason to take memory.
    if (length > packed * 264 + 16) throw new BadPayload("Compressed bytes promise more than they can hold.");
    return decompress(source.take(packed), length);
  }
  if (start > 0xc2) throw new BadPayload("A string is encoded in no known way.");
  return Buffer.from(source.integer(1 << (start & 3)), "latin1");
}

export function readString(source: Source): string {
  return readBytes(source).toString("latin1");
}
