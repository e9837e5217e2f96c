import { copyOf, type Database } from "../../store/index.ts";
import { integerArgument, OK, type Refusal, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;
const notInt32 = refuse(`value is out of range, value must between ${int32Min} and ${int32Max}`);
const noDatabase = refuse("DB index is out of range");
const sameObject = refuse("source and destination objects are the same");

function rename({ db }: CommandContext, args: readonly string[], onlyNew: boolean): Reply {
  const from = args[1] as string;
  const to = args[2] as string;
  const value = db.get(from);
  if (value === undefined) throw refusals.noSuchKey;
  if (from === to) return onlyNew ? 0 : OK;
  if (onlyNew && db.get(to) !== undefined) return 0;
  const expiresAt = db.expiresAt(from);
  db.remove(to);
  db.remove(from);
  db.set(to, value);
  if (expiresAt !== undefined) db.expire(to, expiresAt);
  db.changed(from, "g", "rename_from", 0);
  db.changed(to, "g", "rename_to");
  return onlyNew ? 1 : OK;
}

function copy({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const from = args[1] as string;
  const to = args[2] as string;
  let target = db;
  let replace = false;
  for (let at = 3; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "replace") replace = true;
    else if (option === "db" && at + 1 < args.length) target = databaseAt(keyspace.databases, args[++at]);
    else throw refusals.syntax;
  }
  if (target === db && from === to) throw sameObject;
  const value = db.get(from);
  if (value === undefined) return 0;
  const expiresAt = db.expiresAt(from);
  if (target.get(to) !== undefined) {
    if (!replace) return 0;
    target.remove(to);
  }
  target.set(to, copyOf(value));
  if (expiresAt !== undefined) target.expire(to, expiresAt);
  target.changed(to, "g", "copy_to");
  return 1;
}

function move({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const target = databaseAt(keyspace.databases, args[2]);
  if (target === db) throw sameObject;
  const value = db.get(key);
  if (value === undefined || target.get(key) !== undefined) return 0;
  const expiresAt = db.expiresAt(key);
  db.remove(key);
  target.set(key, value);
  if (expiresAt !== undefined) target.expire(key, expiresAt);
  db.changed(key, "g", "move_from", 0);
  target.changed(key, "g", "move_to");
  return 1;
}

function swap({ keyspace }: CommandContext, args: readonly string[]): Reply {
  const first = indexArgument(args[1], refuse("invalid first DB index"));
  const second = indexArgument(args[2], refuse("invalid second DB index"));
  if (keyspace.databases[first] === undefined || keyspace.databases[second] === undefined) throw noDatabase;
  keyspace.swap(first, second);
  keyspace.dirty++;
  return OK;
}

/** The database that an argument names by its number. @throws {Refusal} if there is none */
export function databaseAt(databases: readonly Database[], text: string | undefined): Database {
  const database = databases[indexArgument(text)];
  if (database === undefined) throw noDatabase;
  return database;
}

/** A number that fits C's `int`. */
function indexArgument(text: string | undefined, refusal?: Refusal): number {
  const index = integerArgument(text, refusal);
  if (index < int32Min || index > int32Max) throw refusal ?? notInt32;
  return index;
}

/** Commands that give keys another name or another database. */
export const moving: readonly CommandSpec[] = [
  {
    name: "rename",
    arity: 3,
    group: "generic",
    flags: ["write"],
    keys: [1, 2, 1],
    run: (context, args) => rename(context, args, false),
  },
  {
    name: "renamenx",
    arity: 3,
    group: "generic",
    flags: ["write", "fast"],
    keys: [1, 2, 1],
    run: (context, args) => rename(context, args, true),
  },
  { name: "copy", arity: -3, group: "generic", flags: ["write", "denyoom"], keys: [1, 2, 1], run: copy },
  { name: "move", arity: 3, group: "generic", flags: ["write", "fast"], keys: [1, 1, 1], run: move },
  { name: "swapdb", arity: 3, group: "server", flags: ["write", "fast"], run: swap },
];
