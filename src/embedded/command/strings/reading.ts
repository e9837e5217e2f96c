import { typeOf } from "../../store/index.ts";
import type { Reply } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { expiryOf, setOptions } from "./set-options.ts";

function get({ db }: CommandContext, args: readonly string[]): Reply {
  return db.string(args[1] as string) ?? null;
}

function getMany({ db }: CommandContext, args: readonly string[]): Reply {
  const found: (string | null)[] = [];
  for (let at = 1; at < args.length; at++) {
    const value = db.get(args[at] as string);
    found.push(value !== undefined && typeOf(value) === "string" ? value.toString() : null);
  }
  return found;
}

function getAndDelete({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const value = db.string(key);
  if (value === undefined) return null;
  db.remove(key);
  db.changed(key, "g", "del");
  return value;
}

function getAndExpire({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const options = setOptions(args, 2, "getex");
  const value = db.string(key);
  if (value === undefined) return null;
  const expiresAt = expiryOf(options, keyspace.now, "getex");
  if (expiresAt !== undefined) {
    // Only a time given as such can be past.
    if (expiresAt <= keyspace.now) {
      db.remove(key);
      db.changed(key, "g", "del");
    } else {
      db.expire(key, expiresAt);
      db.changed(key, "g", "expire");
    }
  } else if (options.persist && db.expiresAt(key) !== undefined) {
    db.expire(key, undefined);
    db.changed(key, "g", "persist");
  }
  return value;
}

function length({ db }: CommandContext, args: readonly string[]): Reply {
  return db.bytesAt(args[1] as string)?.length ?? 0;
}

/** Commands that read whole strings. */
export const reading: readonly CommandSpec[] = [
  { name: "get", arity: 2, group: "string", flags: ["readonly", "fast"], keys: [1, 1, 1], run: get },
  { name: "mget", arity: -2, group: "string", flags: ["readonly", "fast"], keys: [1, -1, 1], run: getMany },
  { name: "getdel", arity: 2, group: "string", flags: ["write", "fast"], keys: [1, 1, 1], run: getAndDelete },
  { name: "getex", arity: -2, group: "string", flags: ["write", "fast"], keys: [1, 1, 1], run: getAndExpire },
  { name: "strlen", arity: 2, group: "string", flags: ["readonly", "fast"], keys: [1, 1, 1], run: length },
];
