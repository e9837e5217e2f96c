import { integerArgument, type Reply, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { bitOffset, byteAt, bytesForBit } from "./bits.ts";

const badBit = refuse("bit is not an integer or out of range");

function setBit({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const offset = bitOffset(args[2]);
  const bit = integerArgument(args[3], badBit);
  if (bit !== 0 && bit !== 1) throw badBit;
  const { bytes, grown } = bytesForBit(db, key, offset);
  const index = Math.floor(offset / 8);
  const row = bytes.writable(index + 1);
  const mask = 128 >> (offset % 8);
  const before = (row[index] as number) & mask;
  row[index] = bit === 1 ? (row[index] as number) | mask : (row[index] as number) & ~mask;
  if (grown || (before === 0) === (bit === 1)) db.changed(key, "$", "setbit");
  return before === 0 ? 0 : 1;
}

function getBit({ db }: CommandContext, args: readonly string[]): Reply {
  const offset = bitOffset(args[2]);
  const value = db.bytesAt(args[1] as string);
  if (value === undefined) return 0;
  const byte = byteAt(typeof value === "string" ? value : value.bytes, Math.floor(offset / 8));
  return (byte >> (7 - (offset % 8))) & 1;
}

/** Commands on one bit. */
export const single: readonly CommandSpec[] = [
  { name: "setbit", arity: 4, group: "bitmap", flags: ["write", "denyoom"], keys: [1, 1, 1], run: setBit },
  { name: "getbit", arity: 3, group: "bitmap", flags: ["readonly", "fast"], keys: [1, 1, 1], run: getBit },
];
