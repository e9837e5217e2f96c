import { registerCount } from "./estimate.ts";
import { corrupted, headerBytes } from "./header.ts";

/*
 * The sparse form: runs of equal registers, in three kinds of code.
 *   00llllll            up to 64 zeros
 *   01llllll llllllll   up to 16384 zeros
 *   1vvvvvll            up to 4 registers of a value up to 32
 */

/** Redis' `hll-sparse-max-bytes`. */
const bytesMax = 3000;

/** The greatest value that the sparse form can tell. */
export const sparseValueMax = 32;
const runOfValueMax = 4;
const runOfZerosMax = 64;

/** Adds a run of zeros to codes. */
function pushZeros(codes: number[], run: number): void {
  if (run > runOfZerosMax) codes.push(0x40 | ((run - 1) >>> 8), (run - 1) & 0xff);
  else if (run > 0) codes.push(run - 1);
}

/** Adds a run of registers with a value. */
function pushValues(codes: number[], value: number, run: number): void {
  if (run > 0) codes.push(valueCode(value, run));
}

function valueCode(value: number, run: number): number {
  return 0x80 | ((value - 1) << 2) | (run - 1);
}

function isLongRun(code: number): boolean {
  return (code & 0xc0) === 0x40;
}

/** How many registers the code at a place stands for. */
function runAt(bytes: Uint8Array, at: number): number {
  const code = bytes[at] as number;
  if (code >= 0x80) return (code & 3) + 1;
  return isLongRun(code) ? (((code & 0x3f) << 8) | (bytes[at + 1] as number)) + 1 : code + 1;
}

function valueIn(code: number): number {
  return code >= 0x80 ? ((code >>> 2) & 0x1f) + 1 : 0;
}

/** The codes of a HyperLogLog that has seen nothing. */
export function emptySparse(): readonly number[] {
  const codes: number[] = [];
  pushZeros(codes, registerCount);
  return codes;
}

/** Calls back for each run. @returns whether the runs make up all registers */
export function eachRun(bytes: Uint8Array, visit: (value: number, run: number, from: number) => void): boolean {
  let first = 0;
  for (let at = headerBytes; at < bytes.length; ) {
    const code = bytes[at] as number;
    const run = runAt(bytes, at);
    if (first + run > registerCount) return false;
    visit(valueIn(code), run, first);
    first += run;
    at += isLongRun(code) ? 2 : 1;
  }
  return first === registerCount;
}

/**
 * Raises a register to a value that the sparse form can tell.
 *
 * @returns the bytes anew, header included; the same ones if it is as high already; `undefined` if they would become too long
 * @throws {Refusal} INVALIDOBJ
 */
export function raiseSparse(bytes: Uint8Array, index: number, value: number): Uint8Array | undefined {
  let former = -1;
  let at = headerBytes;
  let first = 0;
  let run = 0;
  for (; at < bytes.length; at += isLongRun(bytes[at] as number) ? 2 : 1) {
    run = runAt(bytes, at);
    if (index < first + run) break;
    first += run;
    former = at;
  }
  if (at >= bytes.length) throw corrupted;
  const code = bytes[at] as number;
  const present = valueIn(code);
  if (present >= value) return bytes;
  const codes: number[] = [];
  const push = present === 0 ? pushZeros : (list: number[], length: number) => pushValues(list, present, length);
  push(codes, index - first);
  codes.push(valueCode(value, 1));
  push(codes, first + run - 1 - index);
  const replaced = isLongRun(code) ? 2 : 1;
  const length = bytes.length - replaced + codes.length;
  if (length > bytesMax && length > bytes.length) return undefined;
  const raised = new Uint8Array(length);
  raised.set(bytes.subarray(0, at));
  // Where a long run has lost its second byte, and the string ends, Redis loses the last byte of what it writes.
  if (at + replaced > bytes.length) raised.set(codes.slice(0, length - at), at);
  else {
    raised.set(codes, at);
    raised.set(bytes.subarray(at + replaced), at + codes.length);
  }
  return mergeRuns(raised, former === -1 ? headerBytes : former);
}

/** Joins equal runs that lie side by side, among the next five codes: what Redis does, and no more, so that the bytes are its own. */
function mergeRuns(bytes: Uint8Array, from: number): Uint8Array {
  let end = bytes.length;
  let at = from;
  for (let left = 5; left > 0 && at < end; left--) {
    const code = bytes[at] as number;
    const next = at + 1 < end ? (bytes[at + 1] as number) : 0;
    const run = (code & 3) + (next & 3) + 2;
    if (code >= 0x80 && next >= 0x80 && valueIn(code) === valueIn(next) && run <= runOfValueMax) {
      bytes[at + 1] = valueCode(valueIn(code), run);
      bytes.copyWithin(at, at + 1, end);
      end--;
    } else {
      at += isLongRun(code) ? 2 : 1;
    }
  }
  return end === bytes.length ? bytes : bytes.slice(0, end);
}

/** The runs in words, as PFDEBUG DECODE tells them: `z:` and `Z:` zeros in the short and the long form, `v:value,run`. */
export function describeSparse(bytes: Uint8Array): string {
  const runs: string[] = [];
  for (let at = headerBytes; at < bytes.length; at += isLongRun(bytes[at] as number) ? 2 : 1) {
    const code = bytes[at] as number;
    const run = runAt(bytes, at);
    if (code >= 0x80) runs.push(`v:${valueIn(code)},${run}`);
    else runs.push(`${isLongRun(code) ? "Z" : "z"}:${run}`);
  }
  return runs.join(" ");
}
