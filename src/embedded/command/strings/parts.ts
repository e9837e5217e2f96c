import { GrowingBytes } from "../../store/index.ts";
import { integerArgument, type Reply, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

/** The default of proto-max-bulk-len: no string becomes longer. */
const lengthMax = 512 * 1024 * 1024;
const tooLong = refuse("string exceeds maximum allowed size (proto-max-bulk-len)");

function append({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const tail = args[2] as string;
  const value = db.bytesAt(key);
  if (value === undefined) {
    db.set(key, tail);
    db.changed(key, "$", "append");
    return tail.length;
  }
  if (value.length + tail.length > lengthMax) throw tooLong;
  const bytes = typeof value === "string" ? new GrowingBytes(value) : value;
  bytes.write(bytes.length, tail);
  if (bytes !== value) db.set(key, bytes, true);
  db.changed(key, "$", "append");
  return bytes.length;
}

function setRange({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const offset = integerArgument(args[2]);
  const part = args[3] as string;
  if (offset < 0) throw refuse("offset is out of range");
  const value = db.bytesAt(key);
  if (part.length === 0) return value?.length ?? 0;
  if (offset + part.length > lengthMax) throw tooLong;
  const bytes = value === undefined || typeof value === "string" ? new GrowingBytes(value ?? "") : value;
  bytes.write(offset, part);
  if (bytes !== value) db.set(key, bytes, true);
  db.changed(key, "$", "setrange");
  return bytes.length;
}

function getRange({ db }: CommandContext, args: readonly string[]): Reply {
  let start = integerArgument(args[2]);
  let end = integerArgument(args[3]);
  const value = db.bytesAt(args[1] as string);
  if (value === undefined || (start < 0 && end < 0 && start > end)) return "";
  const { length } = value;
  if (start < 0) start = Math.max(0, start + length);
  if (end < 0) end = Math.max(0, end + length);
  if (start > end || start >= length) return "";
  return typeof value === "string"
    ? value.slice(start, end + 1)
    : value.bytes.toString("latin1", start, Math.min(end + 1, length));
}

/** Commands on a part of a string. */
export const parts: readonly CommandSpec[] = [
  { name: "append", arity: 3, group: "string", flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: append },
  { name: "setrange", arity: 4, group: "string", flags: ["write", "denyoom"], keys: [1, 1, 1], run: setRange },
  { name: "getrange", arity: 4, group: "string", flags: ["readonly"], keys: [1, 1, 1], run: getRange },
  { name: "substr", arity: 4, group: "string", flags: ["readonly"], keys: [1, 1, 1], run: getRange },
];
