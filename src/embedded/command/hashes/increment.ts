import { type Database, Hash } from "../../store/index.ts";
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
import type { CommandContext } from "../spec.ts";
import { newHash } from "./write.ts";

const notInteger = refuse("hash value is not an integer");
const notFloat = refuse("hash value is not a float");
const notFinite = refuse("value is NaN or Infinity");

export function hincrby({ db }: CommandContext, args: readonly string[]): Reply {
  const [, key, field, increment] = args as readonly [string, string, string, string];
  const by = parseInteger(increment);
  if (by === undefined) throw refusals.notInteger;
  const hash = db.collection(key, Hash);
  const text = hash?.get(field);
  const before = text === undefined ? 0 : parseInteger(text);
  if (before === undefined) throw notInteger;
  let after: number | bigint = typeof before === "number" && typeof by === "number" ? before + by : Number.NaN;
  if (!Number.isSafeInteger(after)) after = exactSum(BigInt(before), increment);
  store(db, key, hash, field, String(after), "hincrby");
  return after;
}

export function hincrbyfloat({ db }: CommandContext, args: readonly string[]): Reply {
  const [, key, field, increment] = args as readonly [string, string, string, string];
  const by = parseLongDouble(increment);
  if (by === undefined) throw refusals.notFloat;
  if (by.exponent === Number.POSITIVE_INFINITY) throw notFinite;
  const hash = db.collection(key, Hash);
  const before = parseLongDouble(hash?.get(field) ?? "0");
  if (before === undefined) throw notFloat;
  const after = addLongDoubles(before, by);
  if (after === undefined) throw refusals.notFloatResult;
  const text = formatLongDouble(after);
  store(db, key, hash, field, text, "hincrbyfloat");
  return text;
}

function exactSum(before: bigint, increment: string): number | bigint {
  const sum = before + exactIntegerArgument(increment);
  if (overflows(sum)) throw refusals.overflow;
  return integerReply(sum);
}

function store(db: Database, key: string, hash: Hash | undefined, field: string, value: string, event: string): void {
  const target = hash ?? newHash(db, key);
  target.expect(field);
  target.expect(value);
  target.set(field, value);
  db.changed(key, "h", event);
}
