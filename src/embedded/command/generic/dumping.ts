import { integerArgument, OK, parseInteger, Refusal, type Reply, refusals, refuse } from "../../value/index.ts";
import { expiryArgument } from "../expiry-argument.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { BadPayload, readPayload, writePayload } from "./rdb/index.ts";

const busy = new Refusal("BUSYKEY Target key name already exists.");
const unsound = refuse("DUMP payload version or checksum are wrong");
const badFormat = refuse("Bad data format");
const badTtl = refuse("Invalid TTL value, must be >= 0");
const badIdleTime = refuse("Invalid IDLETIME value, must be >= 0");
const badFrequency = refuse("Invalid FREQ value, must be >= 0 and <= 255");

function dump({ db }: CommandContext, args: readonly string[]): Reply {
  const value = db.get(args[1] as string);
  return value === undefined ? null : writePayload(value);
}

function restore({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const { replace, absolute } = restoreOptions(args);
  if (!replace && db.get(key) !== undefined) throw busy;
  const ttl = parseInteger(args[2] as string);
  if (ttl === undefined) throw refusals.notInteger;
  if (ttl < 0) throw badTtl;
  const value = read(args[3] as string);
  const since = absolute ? 0 : keyspace.now;
  const expiresAt =
    ttl === 0 ? undefined : expiryArgument(args[2], { seconds: false, since, command: "restore", positive: true });
  const removed = replace && db.remove(key);
  if (expiresAt !== undefined && expiresAt <= keyspace.now) {
    if (removed) db.changed(key, "g", "del");
    return OK;
  }
  db.set(key, value);
  if (expiresAt !== undefined) db.expire(key, expiresAt);
  db.changed(key, "g", "restore");
  return OK;
}

function restoreOptions(args: readonly string[]): { readonly replace: boolean; readonly absolute: boolean } {
  let replace = false;
  let absolute = false;
  let idle = false;
  let frequency = false;
  for (let at = 4; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    const more = at + 1 < args.length;
    if (option === "replace") replace = true;
    else if (option === "absttl") absolute = true;
    else if (option === "idletime" && more && !frequency) {
      if (integerArgument(args[++at]) < 0) throw badIdleTime;
      idle = true;
    } else if (option === "freq" && more && !idle) {
      const value = integerArgument(args[++at]);
      if (value < 0 || value > 255) throw badFrequency;
      frequency = true;
    } else throw refusals.syntax;
  }
  return { replace, absolute };
}

function read(payload: string): NonNullable<ReturnType<typeof readPayload>> {
  try {
    const value = readPayload(payload);
    if (value === undefined) throw unsound;
    return value;
  } catch (error) {
    throw error instanceof BadPayload ? badFormat : error;
  }
}

/** Commands that carry a value from one Redis to another. */
export const dumping: readonly CommandSpec[] = [
  { name: "dump", arity: 2, group: "generic", flags: ["readonly"], keys: [1, 1, 1], run: dump },
  { name: "restore", arity: -4, group: "generic", flags: ["write", "denyoom"], keys: [1, 1, 1], run: restore },
];
