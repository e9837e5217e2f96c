import { Buffer } from "node:buffer";
import { sizeOf } from "./codec.ts";
import type { JobRow } from "./new-job.ts";
import type { AddBatch } from "./scripts.gen.ts";

/** Fewer jobs than these are told one by one: Redis keeps 108 bytes for a batch while one of it waits. */
const fewest = 4;
/** A batch has the name of its first job, as far as it takes to tell it from others: then a call that is made again is of the same batch. */
const nameLength = 16;
/** How far each is behind the first, as its line says it; and no batch is larger. */
const behind: readonly string[] = Array.from({ length: 1_000 }, (_, place) => digits(place, 3));
/** Larger payloads have no line, as `fits_line` in `lua/folded.lua` says. */
const payloadBytesMax = 1_024;
/** How a line of a batch begins, and how many bytes each part of what comes before the name has: `lua/batch.lua`. */
export const lineOfBatch = { head: 0x62, nameAndPlace: 20, retries: 4, nameBytes: 3 } as const;

/**
 * Jobs that have all in common but id and payload, as the script takes them, with the lines that Redis keeps: those of a batch it
 * need not write itself, nor look for: three tenths of what it does to add them. `lua/batch.lua` says what a line is.
 *
 * @returns `undefined` if they are few, or one of them has more to it
 */
export function batchOf(rows: readonly JobRow[]): Pick<AddBatch["args"], "batch" | "jobs"> | undefined {
  const { id, name, maxRetries } = rows[0] as JobRow;
  if (rows.length < fewest || rows.length > behind.length || id.length < nameLength) return undefined;
  const batch = id.slice(0, nameLength);
  const head = `${String.fromCharCode(lineOfBatch.head)}${batch}`;
  const tail = `${digits(maxRetries, lineOfBatch.retries)}${digits(Buffer.byteLength(name), lineOfBatch.nameBytes)}${name}`;
  const jobs: AddBatch["args"]["jobs"][number][] = [];
  for (const row of rows) {
    const isOne = row.ownId && row.more === undefined && row.name === name && row.maxRetries === maxRetries;
    if (!isOne || !fitsLine(row.payload)) return undefined;
    jobs.push({ id: row.id, line: lineOf(head + behind[jobs.length] + tail, row.payload) });
  }
  return { batch, jobs };
}

function fitsLine(payload: JobRow["payload"]): boolean {
  if (payload === undefined || payload.length * 3 <= payloadBytesMax) return true;
  return payload.length <= payloadBytesMax && sizeOf(payload) <= payloadBytesMax;
}

function lineOf(head: string, payload: JobRow["payload"]): Uint8Array | string {
  if (payload === undefined) return head;
  return typeof payload === "string" ? head + payload : Buffer.concat([Buffer.from(head), payload]);
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, "0");
}
