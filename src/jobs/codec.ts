import { Buffer } from "node:buffer";

/** How payloads and results become bytes and back. `undefined` is never given to it: it is stored as nothing. */
export interface Codec {
  encode(value: unknown): Uint8Array | string;
  decode(bytes: Uint8Array): unknown;
}

/** JSON in UTF-8: the default. */
export const json: Codec = {
  encode: (value) => JSON.stringify(value),
  decode: (bytes) => JSON.parse(textOf(bytes)),
};

/** Bytes as they are. Text is taken as UTF-8. */
export const bytes: Codec = {
  encode: (value) => {
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    throw new TypeError("the bytes codec takes a Uint8Array or text");
  },
  decode: (value) => value,
};

/** The text of bytes in UTF-8. */
export function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
}

/** Length in bytes of what a codec made. */
export function sizeOf(value: Uint8Array | string): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}
