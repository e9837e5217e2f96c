import { exactIntegerArgument, integerReply, parseInteger, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { bitOffset, byteAt, bytesForBit } from "./bits.ts";

type Overflow = "wrap" | "sat" | "fail";

interface Operation {
  readonly kind: "get" | "set" | "incrby";
  readonly signed: boolean;
  readonly width: number;
  readonly offset: number;
  readonly operand: bigint;
  readonly overflow: Overflow;
}

const badType = refuse("Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
const badOverflow = refuse("Invalid OVERFLOW type specified");
const getOnly = refuse("BITFIELD_RO only supports the GET subcommand");

function bitfield({ db }: CommandContext, args: readonly string[], readOnly: boolean): Reply {
  const key = args[1] as string;
  const operations = readOperations(args);
  if (operations.every(({ kind }) => kind === "get")) {
    const value = db.bytesAt(key) ?? "";
    const bytes = typeof value === "string" ? value : value.bytes;
    return operations.map((operation) => integerReply(read(bytes, operation)));
  }
  if (readOnly) throw getOnly;
  let last = 0;
  for (const { kind, offset, width } of operations) if (kind !== "get") last = Math.max(last, offset + width - 1);
  const { bytes, grown } = bytesForBit(db, key, last);
  const replies: Reply[] = [];
  let changes = 0;
  for (const operation of operations) {
    const before = read(bytes.bytes, operation);
    if (operation.kind === "get") {
      replies.push(integerReply(before));
      continue;
    }
    const after =
      operation.kind === "set" ? fitted(operation, operation.operand, 0n) : fitted(operation, before, operation.operand);
    if (after === undefined) {
      replies.push(null);
      continue;
    }
    write(bytes.writable(0), operation, after);
    if (grown || after !== before) changes++;
    replies.push(integerReply(operation.kind === "set" ? before : after));
  }
  if (changes > 0) db.changed(key, "$", "setbit", changes);
  return replies;
}

function readOperations(args: readonly string[]): Operation[] {
  const operations: Operation[] = [];
  let overflow: Overflow = "wrap";
  for (let at = 2; at < args.length; ) {
    const kind = (args[at] as string).toLowerCase();
    const left = args.length - at - 1;
    if (kind === "overflow" && left >= 1) {
      overflow = overflowOf(args[at + 1] as string);
      at += 2;
    } else if (kind === "get" && left >= 2) {
      operations.push(operationOf(kind, args, at, overflow));
      at += 3;
    } else if ((kind === "set" || kind === "incrby") && left >= 3) {
      operations.push(operationOf(kind, args, at, overflow));
      at += 4;
    } else throw refusals.syntax;
  }
  return operations;
}

function operationOf(kind: Operation["kind"], args: readonly string[], at: number, overflow: Overflow): Operation {
  const { signed, width } = typeOf(args[at + 1] as string);
  const offset = bitOffset(args[at + 2], width);
  const operand = kind === "get" ? 0n : exactIntegerArgument(args[at + 3]);
  return { kind, signed, width, offset, operand, overflow };
}

function typeOf(text: string): { readonly signed: boolean; readonly width: number } {
  const sign = text.charAt(0);
  const width = parseInteger(text.slice(1));
  const signed = sign === "i";
  if ((!signed && sign !== "u") || typeof width !== "number" || width < 1 || width > (signed ? 64 : 63)) throw badType;
  return { signed, width };
}

function overflowOf(text: string): Overflow {
  const overflow = text.toLowerCase();
  if (overflow !== "wrap" && overflow !== "sat" && overflow !== "fail") throw badOverflow;
  return overflow;
}

/** The sum made to fit its width; `undefined` if it does not and shall fail. */
function fitted({ signed, width, overflow }: Operation, value: bigint, increment: bigint): bigint | undefined {
  const way = signed ? signedOverflow(width, value, increment) : unsignedOverflow(width, value, increment);
  if (way === 0) return value + increment;
  if (overflow === "fail") return undefined;
  const power = 2n ** BigInt(signed ? width - 1 : width);
  if (overflow === "sat") return way > 0 ? power - 1n : signed ? -power : 0n;
  return signed ? BigInt.asIntN(width, value + increment) : BigInt.asUintN(width, value + increment);
}

/** Which way a sum leaves its width: 1 above, -1 below, 0 not at all. */
function signedOverflow(width: number, value: bigint, increment: bigint): number {
  const power = 2n ** BigInt(width - 1);
  // Redis looks at what may still be added, in 64 bits that wrap: -2^63 counts as above what is narrower.
  const room = BigInt.asIntN(64, power - 1n - value);
  if (value > power - 1n || (width !== 64 && increment > room)) return 1;
  if (value + increment > power - 1n) return 1;
  return value + increment < -power ? -1 : 0;
}

/** What is set into an unsigned one is taken for unsigned itself, so that -1 is far above it and never below. */
function unsignedOverflow(width: number, value: bigint, increment: bigint): number {
  const max = 2n ** BigInt(width) - 1n;
  if (value < 0n || value + increment > max) return 1;
  return value + increment < 0n ? -1 : 0;
}

function read(bytes: string | Buffer, { offset, width, signed }: Operation): bigint {
  const first = Math.floor(offset / 8);
  const last = Math.floor((offset + width - 1) / 8);
  let value = 0n;
  for (let at = first; at <= last; at++) value = (value << 8n) | BigInt(byteAt(bytes, at));
  value >>= BigInt(last * 8 + 7 - (offset + width - 1));
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

function write(bytes: Buffer, { offset, width }: Operation, value: bigint): void {
  const last = offset + width - 1;
  let rest = BigInt.asUintN(width, value);
  for (let bit = last; bit >= offset; bit--) {
    const mask = 128 >> (bit % 8);
    const at = Math.floor(bit / 8);
    bytes[at] = (rest & 1n) === 1n ? (bytes[at] as number) | mask : (bytes[at] as number) & ~mask;
    rest >>= 1n;
  }
}

/** Integers of any width at any bit. */
export const bitfields: readonly CommandSpec[] = [
  {
    name: "bitfield",
    arity: -2,
    group: "bitmap",
    flags: ["write", "denyoom"],
    keys: [1, 1, 1],
    run: (context, args) => bitfield(context, args, false),
  },
  {
    name: "bitfield_ro",
    arity: -2,
    group: "bitmap",
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: (context, args) => bitfield(context, args, true),
  },
];
