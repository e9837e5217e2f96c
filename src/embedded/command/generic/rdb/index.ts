/**
 * A value in the format of Redis' snapshots, version 10: what DUMP gives and RESTORE takes. What is written real Redis reads; what
 * Redis 7.0 writes is read, but for what modules keep.
 *
 * @module
 */
export { crc64 } from "./crc64.ts";
export { readPayload } from "./reader.ts";
export { BadPayload } from "./source.ts";
export { writePayload } from "./writer.ts";
