import { type Database, GrowingBytes } from "../../store/index.ts";
import {
  addLongDoubles,
  exactIntegerArgument,
  formatLongDouble,
  integerReply,
  overflows,
  parseInteger,
  parseLongDouble,
  type Reply,
  refusals,
  refuse,
} from "../../value/index.ts";
import type { CommandContext, CommandFlag, CommandSpec } from "../spec.ts";

const flags: readonly CommandFlag[] = ["write", "denyoom", "fast"];
const int64Min = -(2n ** 63n);

function add(db: Database, key: string, increment: number | bigint): Reply {
  const before = db.string(key);
  const value = before === undefined ? 0 : parseInteger(before);
  if (value === undefined) throw refusals.notInteger;
  let sum: number | bigint;
  if (typeof value === "number" && typeof increment === "number" && Number.isSafeInteger(value + increment)) {
    sum = value + increment;
  } else {
    sum = BigInt(value) + BigInt(increment);
    if (overflows(sum)) throw refusals.overflow;
  }
  db.set(key, String(sum), true);
  db.changed(key, "$", "incrby");
  return typeof sum === "bigint" ? integerReply(sum) : sum;
}

function increase({ db }: CommandContext, args: readonly string[]): Reply {
  const increment = parseInteger(args[2] as string);
  if (increment === undefined) throw refusals.notInteger;
  return add(db, args[1] as string, increment);
}

function decrease({ db }: CommandContext, args: readonly string[]): Reply {
  const decrement = exactIntegerArgument(args[2]);
  if (decrement === int64Min) throw refuse("decrement would overflow");
  return add(db, args[1] as string, integerReply(-decrement));
}

function increaseByFloat({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const before = db.string(key);
  const value = parseLongDouble(before ?? "0");
  const increment = parseLongDouble(args[2] as string);
  if (value === undefined || increment === undefined) throw refusals.notFloat;
  const sum = addLongDoubles(value, increment);
  if (sum === undefined) throw refusals.notFloatResult;
  const text = formatLongDouble(sum);
  // Redis stores what it counted with fractions as text, even where it is whole.
  db.set(key, parseInteger(text) === undefined ? text : GrowingBytes.embedded(text), true);
  db.changed(key, "$", "incrbyfloat");
  return text;
}

/** Commands that count in strings. */
export const counting: readonly CommandSpec[] = [
  { name: "incr", arity: 2, group: "string", flags, keys: [1, 1, 1], run: ({ db }, args) => add(db, args[1] as string, 1) },
  { name: "decr", arity: 2, group: "string", flags, keys: [1, 1, 1], run: ({ db }, args) => add(db, args[1] as string, -1) },
  { name: "incrby", arity: 3, group: "string", flags, keys: [1, 1, 1], run: increase },
  { name: "decrby", arity: 3, group: "string", flags, keys: [1, 1, 1], run: decrease },
  { name: "incrbyfloat", arity: 3, group: "string", flags, keys: [1, 1, 1], run: increaseByFloat },
];
