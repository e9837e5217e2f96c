import { MAX_ID, MIN_ID, narrow, nextId, parseUint64, previousId, StreamId, type Uint64 } from "../../store/index.ts";
import { type Refusal, refuse } from "../../value/index.ts";

const invalid: Refusal = refuse("Invalid stream ID specified as stream command argument");
const invalidStart = refuse("invalid start ID for the interval");
const invalidEnd = refuse("invalid end ID for the interval");
const idLengthMax = 127;
const uint64Max = MAX_ID.ms;

/**
 * An id as an argument; without its second part it gets `seq`. Answers `undefined` for what is none.
 * `-` and `+` are none here: only ranges know them.
 */
export function readId(text: string, seq: Uint64): StreamId | undefined {
  if (text.length > idLengthMax) return undefined;
  const id = readWhole(text, seq);
  // A zero byte ends a C string.
  return id === undefined && text.includes("\0") ? readWhole(text.slice(0, text.indexOf("\0")), seq) : id;
}

function readWhole(text: string, seq: Uint64): StreamId | undefined {
  const dash = text.indexOf("-");
  if (dash === -1) {
    const ms = readPart(text);
    return ms === undefined ? undefined : new StreamId(ms, seq);
  }
  const ms = readPart(text.slice(0, dash));
  const given = ms === undefined ? undefined : readPart(text.slice(dash + 1));
  return ms === undefined || given === undefined ? undefined : new StreamId(ms, given);
}

/** @throws {Refusal} if it is no id */
export function idArgument(text: string): StreamId {
  const id = readId(text, 0);
  if (id === undefined) throw invalid;
  return id;
}

/** Ids from a place on. @throws {Refusal} if one is none */
export function idArguments(args: readonly string[], first: number): StreamId[] {
  const ids: StreamId[] = [];
  for (let at = first; at < args.length; at++) ids.push(idArgument(args[at] as string));
  return ids;
}

/** As {@link idArgument}; `-` and `+` are the lowest and the highest id. */
export function looseIdArgument(text: string, seq: Uint64 = 0): StreamId {
  if (text === "-") return MIN_ID;
  if (text === "+") return MAX_ID;
  const id = readId(text, seq);
  if (id === undefined) throw invalid;
  return id;
}

/** `5-*` of XADD: the milliseconds are given, the rest is the stream's. `undefined` for any other form. */
export function partlyGiven(text: string): Uint64 | undefined {
  return text.endsWith("-*") && text.length <= idLengthMax ? readPart(text.slice(0, -2)) : undefined;
}

/** Where a range begins; after the id with `(`. */
export function rangeStart(text: string): StreamId {
  if (!isExclusive(text)) return looseIdArgument(text);
  const id = nextId(idArgument(text.slice(1)));
  if (id === undefined) throw invalidStart;
  return id;
}

/** Where a range ends; before the id with `(`. */
export function rangeEnd(text: string): StreamId {
  if (!isExclusive(text)) return looseIdArgument(text, uint64Max);
  const given = readId(text.slice(1), uint64Max);
  if (given === undefined) throw invalid;
  const id = previousId(given);
  if (id === undefined) throw invalidEnd;
  return id;
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.charCodeAt(0) === 40;
}

const lenient = /^[ \t-\r]*([+-]?)(\d+)$/;

/** One part of an id. Beside plain digits Redis takes what C's `strtoull` does: blanks, a sign, a minus that wraps around. */
function readPart(text: string): Uint64 | undefined {
  const plain = parseUint64(text);
  if (plain !== undefined) return plain;
  const match = lenient.exec(text);
  if (match === null) return undefined;
  const negative = match[1] === "-";
  const digits = match[2] as string;
  if (negative && text.charCodeAt(0) === 45 && digits.charCodeAt(0) !== 48) return undefined;
  const value = parseUint64(digits);
  return negative && value !== undefined ? narrow(BigInt.asUintN(64, -BigInt(value))) : value;
}
