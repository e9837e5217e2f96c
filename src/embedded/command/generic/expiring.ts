import { type Reply, refuse } from "../../value/index.ts";
import { expiryArgument } from "../expiry-argument.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

interface Conditions {
  readonly ifNone: boolean;
  readonly ifAny: boolean;
  readonly ifLater: boolean;
  readonly ifSooner: boolean;
}

interface ExpireForm {
  readonly name: "expire" | "pexpire" | "expireat" | "pexpireat";
  readonly seconds: boolean;
  readonly absolute: boolean;
}

const unconditional: Conditions = { ifNone: false, ifAny: false, ifLater: false, ifSooner: false };
const noneOrAny = refuse("NX and XX, GT or LT options at the same time are not compatible");
const laterOrSooner = refuse("GT and LT options at the same time are not compatible");

function expire({ db, keyspace }: CommandContext, args: readonly string[], form: ExpireForm): Reply {
  const key = args[1] as string;
  const conditions = args.length === 3 ? unconditional : readConditions(args);
  const { now } = keyspace;
  const since = form.absolute ? 0 : now;
  const at = expiryArgument(args[2], { seconds: form.seconds, since, command: form.name, positive: false });
  if (db.get(key) === undefined) return 0;
  if (conditions !== unconditional && !allows(conditions, db.expiresAt(key), at)) return 0;
  if (at <= now) {
    db.remove(key);
    db.changed(key, "g", "del");
  } else {
    db.expire(key, at);
    db.changed(key, "g", "expire");
  }
  return 1;
}

function readConditions(args: readonly string[]): Conditions {
  let ifNone = false;
  let ifAny = false;
  let ifLater = false;
  let ifSooner = false;
  for (let at = 3; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "nx") ifNone = true;
    else if (option === "xx") ifAny = true;
    else if (option === "gt") ifLater = true;
    else if (option === "lt") ifSooner = true;
    else throw refuse(`Unsupported option ${args[at]}`);
  }
  if (ifNone && (ifAny || ifLater || ifSooner)) throw noneOrAny;
  if (ifLater && ifSooner) throw laterOrSooner;
  return { ifNone, ifAny, ifLater, ifSooner };
}

/** A key that does not expire counts as one that expires after all others. */
function allows({ ifNone, ifAny, ifLater, ifSooner }: Conditions, current: number | undefined, at: number): boolean {
  if (ifNone && current !== undefined) return false;
  if (ifAny && current === undefined) return false;
  if (ifLater && (current === undefined || at <= current)) return false;
  return !(ifSooner && current !== undefined && at >= current);
}

/** What TTL and its kin answer: -2 without the key, -1 without an expiry. */
function timeLeft({ db, keyspace }: CommandContext, args: readonly string[], seconds: boolean, absolute: boolean): Reply {
  const key = args[1] as string;
  if (!db.has(key)) return -2;
  const at = db.expiresAt(key);
  if (at === undefined) return -1;
  const ms = absolute ? at : Math.max(0, at - Math.floor(keyspace.now));
  return seconds ? Math.floor((ms + 500) / 1000) : ms;
}

function persist({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  if (db.get(key) === undefined || db.expiresAt(key) === undefined) return 0;
  db.expire(key, undefined);
  db.changed(key, "g", "persist");
  return 1;
}

function expireSpec(name: ExpireForm["name"], seconds: boolean, absolute: boolean): CommandSpec {
  const form: ExpireForm = { name, seconds, absolute };
  return {
    name,
    arity: -3,
    group: "generic",
    flags: ["write", "fast"],
    keys: [1, 1, 1],
    run: (context, args) => expire(context, args, form),
  };
}

function timeSpec(name: string, seconds: boolean, absolute: boolean): CommandSpec {
  return {
    name,
    arity: 2,
    group: "generic",
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: (context, args) => timeLeft(context, args, seconds, absolute),
  };
}

/** Commands on when keys expire. */
export const expiring: readonly CommandSpec[] = [
  expireSpec("expire", true, false),
  expireSpec("pexpire", false, false),
  expireSpec("expireat", true, true),
  expireSpec("pexpireat", false, true),
  timeSpec("ttl", true, false),
  timeSpec("pttl", false, false),
  timeSpec("expiretime", true, true),
  timeSpec("pexpiretime", false, true),
  { name: "persist", arity: 2, group: "generic", flags: ["write", "fast"], keys: [1, 1, 1], run: persist },
];
