import type { Database } from "../../store/index.ts";
import { OK, type Reply, wrongArity } from "../../value/index.ts";
import { expiryArgument } from "../expiry-argument.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { expiryOf, setOptions } from "./set-options.ts";

function set(context: CommandContext, args: readonly string[]): Reply {
  const { db } = context;
  const key = args[1] as string;
  const value = args[2] as string;
  if (args.length > 3) return setWithOptions(context, args);
  db.set(key, value);
  db.changed(key, "$", "set");
  return OK;
}

function setWithOptions({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const options = setOptions(args, 3, "set");
  const expiresAt = expiryOf(options, keyspace.now, "set");
  const before = options.get ? (db.string(key) ?? null) : null;
  if (options.onlyNew || options.onlyExisting) {
    const found = options.get ? before !== null : db.get(key) !== undefined;
    if (options.onlyNew === found) return before;
  }
  db.set(key, args[2] as string, options.keepExpiry);
  if (expiresAt !== undefined) db.expire(key, expiresAt);
  db.changed(key, "$", "set");
  if (expiresAt !== undefined) db.changed(key, "g", "expire", 0);
  return options.get ? before : OK;
}

function setWithExpiry({ db, keyspace }: CommandContext, args: readonly string[], command: "setex" | "psetex"): Reply {
  const key = args[1] as string;
  const expiresAt = expiryArgument(args[2], { seconds: command === "setex", since: keyspace.now, command, positive: true });
  db.set(key, args[3] as string);
  db.expire(key, expiresAt);
  db.changed(key, "$", "set");
  db.changed(key, "g", "expire", 0);
  return OK;
}

function setNew({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  if (db.get(key) !== undefined) return 0;
  db.set(key, args[2] as string);
  db.changed(key, "$", "set");
  return 1;
}

function getAndSet({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const before = db.string(key) ?? null;
  db.set(key, args[2] as string);
  db.changed(key, "$", "set");
  return before;
}

function setMany({ db }: CommandContext, args: readonly string[]): Reply {
  if (args.length % 2 === 0) throw wrongArity("mset");
  setPairs(db, args);
  return OK;
}

function setManyNew({ db }: CommandContext, args: readonly string[]): Reply {
  if (args.length % 2 === 0) throw wrongArity("msetnx");
  for (let at = 1; at < args.length; at += 2) if (db.get(args[at] as string) !== undefined) return 0;
  setPairs(db, args);
  return 1;
}

function setPairs(db: Database, args: readonly string[]): void {
  for (let at = 1; at < args.length; at += 2) {
    const key = args[at] as string;
    db.set(key, args[at + 1] as string);
    db.changed(key, "$", "set");
  }
}

/** Commands that store whole strings. */
export const writing: readonly CommandSpec[] = [
  { name: "set", arity: -3, group: "string", flags: ["write", "denyoom"], keys: [1, 1, 1], run: set },
  {
    name: "setex",
    arity: 4,
    group: "string",
    flags: ["write", "denyoom"],
    keys: [1, 1, 1],
    run: (context, args) => setWithExpiry(context, args, "setex"),
  },
  {
    name: "psetex",
    arity: 4,
    group: "string",
    flags: ["write", "denyoom"],
    keys: [1, 1, 1],
    run: (context, args) => setWithExpiry(context, args, "psetex"),
  },
  { name: "setnx", arity: 3, group: "string", flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: setNew },
  { name: "getset", arity: 3, group: "string", flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: getAndSet },
  { name: "mset", arity: -3, group: "string", flags: ["write", "denyoom"], keys: [1, -1, 2], run: setMany },
  { name: "msetnx", arity: -3, group: "string", flags: ["write", "denyoom"], keys: [1, -1, 2], run: setManyNew },
];
