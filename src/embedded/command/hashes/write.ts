import { type Database, Hash } from "../../store/index.ts";
import { OK, type Reply, wrongArity } from "../../value/index.ts";
import type { CommandContext } from "../spec.ts";

export function hset({ db }: CommandContext, args: readonly string[]): Reply {
  return setFields(db, args, "hset");
}

export function hmset({ db }: CommandContext, args: readonly string[]): Reply {
  setFields(db, args, "hmset");
  return OK;
}

export function hsetnx({ db }: CommandContext, args: readonly string[]): Reply {
  const [, key, field, value] = args as readonly [string, string, string, string];
  const hash = db.collection(key, Hash);
  if (hash?.has(field) === true) return 0;
  const target = hash ?? newHash(db, key);
  target.expect(field);
  target.expect(value);
  target.set(field, value);
  db.changed(key, "h", "hset");
  return 1;
}

export function hdel({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const hash = db.collection(key, Hash);
  if (hash === undefined) return 0;
  let deleted = 0;
  for (let at = 2; at < args.length; at++) if (hash.delete(args[at] as string)) deleted++;
  if (deleted > 0) {
    db.changed(key, "h", "hdel", deleted);
    db.removeIfEmpty(key, hash);
  }
  return deleted;
}

/** Stores an empty hash; to be filled before anything else looks. */
export function newHash(db: Database, key: string): Hash {
  const hash = new Hash();
  db.set(key, hash);
  return hash;
}

function setFields(db: Database, args: readonly string[], name: string): number {
  if (args.length % 2 === 1) throw wrongArity(name);
  const key = args[1] as string;
  const present = db.collection(key, Hash);
  const hash = present ?? Hash.of(args.slice(2));
  for (let at = 2; at < args.length; at++) hash.expect(args[at] as string);
  let added = 0;
  if (present === undefined) {
    db.set(key, hash);
    added = hash.size;
  } else {
    for (let at = 2; at < args.length; at += 2) if (hash.set(args[at] as string, args[at + 1] as string)) added++;
  }
  db.changed(key, "h", "hset", (args.length - 2) / 2);
  return added;
}
