import { type Database, GrowingBytes } from "../../store/index.ts";
import { parseInteger, refuse } from "../../value/index.ts";

/** The default of proto-max-bulk-len: no string becomes longer. */
const bytesMax = 512 * 1024 * 1024;
const badOffset = refuse("bit offset is not an integer or out of range");

/**
 * The place of a bit. With a width, `#2` is the place of the third integer of that width.
 *
 * @throws {Refusal} `ERR bit offset is not an integer or out of range`
 */
export function bitOffset(text: string | undefined, width = 0): number {
  const counted = width > 0 && text !== undefined && text.charCodeAt(0) === 35;
  const value = text === undefined ? undefined : parseInteger(counted ? text.slice(1) : text);
  if (typeof value !== "number" || value < 0) throw badOffset;
  const offset = counted ? value * width : value;
  if (offset >= bytesMax * 8) throw badOffset;
  return offset;
}

/** The string at the key, to be changed, long enough for a bit; and whether it had to be made so. */
export function bytesForBit(db: Database, key: string, bit: number): { readonly bytes: GrowingBytes; readonly grown: boolean } {
  const value = db.bytesAt(key);
  const length = Math.floor(bit / 8) + 1;
  const grown = value === undefined || value.length < length;
  const bytes = value === undefined || typeof value === "string" ? new GrowingBytes(value ?? "") : value;
  bytes.writable(length);
  if (bytes !== value) db.set(key, bytes, true);
  return { bytes, grown };
}

/** The byte at a place; 0 beyond the end. */
export function byteAt(value: string | Buffer, index: number): number {
  if (typeof value === "string") return index < value.length ? value.charCodeAt(index) : 0;
  return value[index] ?? 0;
}
