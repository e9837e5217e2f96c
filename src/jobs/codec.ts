import { Buffer } from "node:buffer";

/** How payloads and results become bytes and back. `undefined` is never given to it: it is stored as nothing. */
export interface Codec {
  /**
   * What it encodes is always text in UTF-8. It is then given text to decode instead of bytes, which a client makes much
   * faster. @default false
   */
  readonly text?: boolean;
  encode(value: unknown): Uint8Array | string;
  /** Reads what `encode` made. */
  decode(stored: Uint8Array | string): unknown;
}

/** JSON in UTF-8: the default. */
export const json: Codec = {
  text: true,
  encode: (value) => JSON.stringify(value),
  decode: (stored) => JSON.parse(textOf(stored)),
};

/** Bytes as they are. Text is taken as UTF-8. */
export const bytes: Codec = {
  encode: (value) => {
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    throw new TypeError("the bytes codec takes a Uint8Array or text");
  },
  decode: (stored) => (typeof stored === "string" ? Buffer.from(stored) : stored),
};

/** The text of bytes in UTF-8. */
export function textOf(value: Uint8Array | string): string {
  if (typeof value === "string") return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
}

/** Length in bytes of what a codec made. */
export function sizeOf(value: Uint8Array | string): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}
