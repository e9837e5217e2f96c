import { parseInteger } from "../../../value/index.ts";

/** Elements as Redis packs few of them: the bytes in all, how many, each with its own length behind it, and an end. */
export function packListpack(elements: readonly string[]): string {
  const body = elements.map(packEntry).join("");
  const head = Buffer.alloc(6);
  head.writeUInt32LE(head.length + body.length + 1, 0);
  // 65,535 says that they have to be counted.
  head.writeUInt16LE(Math.min(elements.length, 65_535), 4);
  return `${head.toString("latin1")}${body}\xff`;
}

function packEntry(text: string): string {
  const integer = parseInteger(text);
  const entry = integer === undefined ? packText(text) : packInteger(integer);
  return entry + backLength(entry.length);
}

function packText(text: string): string {
  const { length } = text;
  if (length < 64) return String.fromCharCode(0x80 | length) + text;
  if (length < 4096) return String.fromCharCode(0xe0 | (length >> 8), length & 255) + text;
  const head = Buffer.alloc(5, 0xf0);
  head.writeUInt32LE(length, 1);
  return head.toString("latin1") + text;
}

function packInteger(value: number | bigint): string {
  if (value >= 0 && value <= 127) return String.fromCharCode(Number(value));
  if (value >= -4096 && value <= 4095) {
    const bits = Number(value) & 0x1fff;
    return String.fromCharCode(0xc0 | (bits >> 8), bits & 255);
  }
  const size = bytesOf(value);
  if (size === 8) {
    const bytes = Buffer.alloc(9, 0xf4);
    bytes.writeBigInt64LE(BigInt(value), 1);
    return bytes.toString("latin1");
  }
  const bytes = Buffer.alloc(1 + size, 0xef + size);
  bytes.writeIntLE(Number(value), 1, size);
  return bytes.toString("latin1");
}

function bytesOf(value: number | bigint): 2 | 3 | 4 | 8 {
  if (value >= -32_768 && value <= 32_767) return 2;
  if (value >= -8_388_608 && value <= 8_388_607) return 3;
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? 4 : 8;
}

/** Seven bits a byte, the highest first; all but the first have their eighth bit set. */
function backLength(length: number): string {
  const count = length <= 127 ? 1 : length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5;
  let bytes = "";
  for (let at = count - 1; at >= 0; at--)
    bytes += String.fromCharCode(((length >>> (7 * at)) & 127) | (at === count - 1 ? 0 : 128));
  return bytes;
}
