import type { Arg } from "../../port/index.ts";

// A byte string is a JavaScript string of chars 0–255: V8 keeps it at a byte a char, and it works as the key of a Map.
const beyondAscii = /[^\0-\x7f]/;

/** Bytes of what a caller gives: text as UTF-8, bytes as they are. */
export function toByteString(value: Arg): string {
  if (typeof value === "string") return beyondAscii.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
}

/** The text that the bytes spell in UTF-8. */
export function toText(bytes: string): string {
  return beyondAscii.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

export function toUint8Array(bytes: string): Uint8Array {
  return new Uint8Array(Buffer.from(bytes, "latin1"));
}
