import type { Uint64 } from "../../../store/index.ts";
import { parseInteger } from "../../../value/index.ts";

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;

/** An unsigned integer, a length above all: one, two, five or nine bytes. */
export function writeLength(length: Uint64): string {
  if (length >= 0 && length < 64) return String.fromCharCode(Number(length));
  if (length >= 0 && length < 16_384) return String.fromCharCode(0x40 | (Number(length) >> 8), Number(length) & 255);
  if (length >= 0 && length < 2 ** 32) {
    const bytes = Buffer.alloc(5, 0x80);
    bytes.writeUInt32BE(Number(length), 1);
    return bytes.toString("latin1");
  }
  // Counters that were pushed below nothing are written as what they are in 64 bits without a sign.
  const bytes = Buffer.alloc(9, 0x81);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(length)), 1);
  return bytes.toString("latin1");
}

/** A string; integers of up to 32 bits take one, two or four bytes. */
export function writeString(text: string): string {
  const integer = text.length <= 11 ? parseInteger(text) : undefined;
  if (typeof integer !== "number" || integer < int32Min || integer > int32Max) return writeLength(text.length) + text;
  const size = integer >= -128 && integer <= 127 ? 1 : integer >= -32_768 && integer <= 32_767 ? 2 : 4;
  const bytes = Buffer.alloc(1 + size, 0xc0 | (size >> 1));
  bytes.writeIntLE(integer, 1, size);
  return bytes.toString("latin1");
}
