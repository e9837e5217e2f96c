import { parseInteger } from "../value/index.ts";

// Sizes of Redis' listpack, its array of bytes for few elements: where a stream begins a new node depends on them.

/** A listpack of nothing: header and end. */
export const emptyListpack = 7;

/** Bytes that a string takes; one that spells a 64-bit integer is kept as that integer. */
export function listpackString(text: string): number {
  const { length } = text;
  if (length > 0 && length <= 20) {
    const integer = parseInteger(text);
    if (integer !== undefined) return listpackInteger(integer);
  }
  const encoded = length < 64 ? 1 + length : length < 4096 ? 2 + length : 5 + length;
  return encoded + backLength(encoded);
}

/** Bytes that an integer takes. */
export function listpackInteger(value: number | bigint): number {
  if (value >= 0 && value <= 127) return 2;
  if (value >= -4096 && value <= 4095) return 3;
  if (value >= -32_768 && value <= 32_767) return 4;
  if (value >= -8_388_608 && value <= 8_388_607) return 5;
  if (value >= -2_147_483_648 && value <= 2_147_483_647) return 6;
  return 10;
}

/** Every element is followed by its own length, for reading backwards. */
function backLength(encoded: number): number {
  return encoded <= 127 ? 1 : encoded < 16_383 ? 2 : encoded < 2_097_151 ? 3 : encoded < 268_435_455 ? 4 : 5;
}
