import type { Database } from "../../store/index.ts";
import { typeOf, type ValueType } from "../../store/index.ts";
import { integerArgument, OK, type Reply, refusals, refuse, Status } from "../../value/index.ts";
import { Blocked, type CommandContext, type CommandSpec } from "../spec.ts";

const none: Status = new Status("none");
const typeNames: { readonly [type in ValueType]: Status } = {
  string: new Status("string"),
  hash: new Status("hash"),
  list: new Status("list"),
  set: new Status("set"),
  zset: new Status("zset"),
  stream: new Status("stream"),
};

function remove({ db }: CommandContext, args: readonly string[]): Reply {
  let removed = 0;
  for (let at = 1; at < args.length; at++) {
    const key = args[at] as string;
    if (!db.remove(key)) continue;
    db.changed(key, "g", "del");
    removed++;
  }
  return removed;
}

function countPresent({ db }: CommandContext, args: readonly string[]): Reply {
  let found = 0;
  for (let at = 1; at < args.length; at++) if (db.has(args[at] as string)) found++;
  return found;
}

function touch({ db }: CommandContext, args: readonly string[]): Reply {
  let found = 0;
  for (let at = 1; at < args.length; at++) if (db.get(args[at] as string) !== undefined) found++;
  return found;
}

function type({ db }: CommandContext, args: readonly string[]): Reply {
  const value = db.peek(args[1] as string);
  return value === undefined ? none : typeNames[typeOf(value)];
}

function flush({ keyspace }: CommandContext, args: readonly string[], databases: readonly Database[]): Reply {
  const mode = args[1]?.toLowerCase();
  if (args.length > 2 || (mode !== undefined && mode !== "sync" && mode !== "async")) throw refusals.syntax;
  // One more, as in Redis: that there was nothing to remove may not keep it from being told on.
  keyspace.dirty += keyspace.flush(databases) + 1;
  return OK;
}

/** There are no replicas to wait for; whoever asks for none has his answer at once. */
function wait(_: CommandContext, args: readonly string[]): Reply | Blocked {
  const replicas = integerArgument(args[1]);
  const timeoutMs = integerArgument(args[2], refuse("timeout is not an integer or out of range"));
  if (timeoutMs < 0) throw refuse("timeout is negative");
  return replicas <= 0 ? 0 : new Blocked([], timeoutMs, 0);
}

/** Commands on whether keys are there. */
export const presence: readonly CommandSpec[] = [
  { name: "del", arity: -2, group: "generic", flags: ["write"], keys: [1, -1, 1], run: remove },
  { name: "unlink", arity: -2, group: "generic", flags: ["write", "fast"], keys: [1, -1, 1], run: remove },
  { name: "exists", arity: -2, group: "generic", flags: ["readonly", "fast"], keys: [1, -1, 1], run: countPresent },
  { name: "touch", arity: -2, group: "generic", flags: ["readonly", "fast"], keys: [1, -1, 1], run: touch },
  { name: "type", arity: 2, group: "generic", flags: ["readonly", "fast"], keys: [1, 1, 1], run: type },
  { name: "dbsize", arity: 1, group: "server", flags: ["readonly", "fast"], run: ({ db }) => db.size },
  { name: "flushdb", arity: -1, group: "server", flags: ["write"], run: (context, args) => flush(context, args, [context.db]) },
  {
    name: "flushall",
    arity: -1,
    group: "server",
    flags: ["write"],
    run: (context, args) => flush(context, args, context.keyspace.databases),
  },
  { name: "wait", arity: 3, group: "generic", flags: ["noscript"], run: wait },
];
