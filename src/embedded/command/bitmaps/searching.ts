import { integerArgument, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { byteAt } from "./bits.ts";

const ones: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

function bitCount({ db }: CommandContext, args: readonly string[]): Reply {
  const value = db.bytesAt(args[1] as string);
  // Redis looks for the key before it looks at the rest.
  if (value === undefined) return 0;
  const bytes = typeof value === "string" ? value : value.bytes;
  if (args.length === 2) return countOnes(bytes, 0, bytes.length * 8 - 1);
  if (args.length === 3 || args.length > 5) throw refusals.syntax;
  const start = integerArgument(args[2]);
  const end = integerArgument(args[3]);
  if (start < 0 && end < 0 && start > end) return 0;
  const unit = args.length === 5 ? unitOf(args[4] as string) : 8;
  const range = rangeOf(start, end, (bytes.length * 8) / unit);
  return countOnes(bytes, range.start * unit, range.end * unit + unit - 1);
}

function bitPosition({ db }: CommandContext, args: readonly string[]): Reply {
  const bit = integerArgument(args[2]);
  if (bit !== 0 && bit !== 1) throw refuse("The bit argument must be 1 or 0.");
  const value = db.bytesAt(args[1] as string);
  if (value === undefined) return bit === 1 ? -1 : 0;
  const bytes = typeof value === "string" ? value : value.bytes;
  if (args.length > 6) throw refusals.syntax;
  const start = args.length > 3 ? integerArgument(args[3]) : 0;
  const unit = args.length === 6 ? unitOf(args[5] as string) : 8;
  const end = args.length > 4 ? integerArgument(args[4]) : -1;
  const range = rangeOf(start, end, (bytes.length * 8) / unit);
  if (range.start > range.end) return -1;
  const last = range.end * unit + unit - 1;
  const found = findBit(bytes, bit, range.start * unit, last);
  if (found !== -1) return found;
  // Without an end the string counts as followed by zeros.
  return bit === 0 && args.length <= 4 ? bytes.length * 8 : -1;
}

function unitOf(text: string): 1 | 8 {
  const unit = text.toLowerCase();
  if (unit !== "bit" && unit !== "byte") throw refusals.syntax;
  return unit === "bit" ? 1 : 8;
}

/** Resolves places that count from the end, and keeps them within the string. Empty where the start is beyond the end. */
function rangeOf(start: number, end: number, total: number): { readonly start: number; readonly end: number } {
  const from = start < 0 ? Math.max(0, start + total) : start;
  const to = end < 0 ? Math.max(0, end + total) : end;
  return { start: from, end: Math.min(to, total - 1) };
}

/** Ones from one bit to another, both included. */
function countOnes(bytes: string | Buffer, first: number, last: number): number {
  if (first > last) return 0;
  const from = Math.floor(first / 8);
  const to = Math.floor(last / 8);
  let count = 0;
  if (typeof bytes === "string") for (let at = from; at <= to; at++) count += ones[bytes.charCodeAt(at)] as number;
  else for (let at = from; at <= to; at++) count += ones[bytes[at] as number] as number;
  count -= ones[byteAt(bytes, from) >> (8 - (first % 8))] as number;
  return count - (ones[byteAt(bytes, to) & (127 >> (last % 8))] as number);
}

/** The first such bit from one place to another, both included; -1 if there is none. */
function findBit(bytes: string | Buffer, bit: number, first: number, last: number): number {
  const dull = bit === 1 ? 0 : 255;
  for (let at = first; at <= last; ) {
    const byte = byteAt(bytes, Math.floor(at / 8));
    if (byte === dull && at % 8 === 0) at += 8;
    else if (((byte >> (7 - (at % 8))) & 1) === bit) return at;
    else at++;
  }
  return -1;
}

/** Commands that count and look for bits. */
export const searching: readonly CommandSpec[] = [
  { name: "bitcount", arity: -2, group: "bitmap", flags: ["readonly"], keys: [1, 1, 1], run: bitCount },
  { name: "bitpos", arity: -3, group: "bitmap", flags: ["readonly"], keys: [1, 1, 1], run: bitPosition },
];
