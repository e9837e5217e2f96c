import { parseDouble, parseInteger, type Refusal, refuse } from "../../value/index.ts";

const notFloat = refuse("min or max is not a float");
const notString = refuse("min or max not valid string range item");

const parenthesis = 40;
const bracket = 91;

/** True if a bound of scores leaves out the score itself: `(5`. */
export function isExclusive(bound: string): boolean {
  return bound.charCodeAt(0) === parenthesis;
}

/** The score of a bound: `5`, `(5`, `-inf`. @throws {Refusal} `ERR min or max is not a float` */
export function scoreBound(bound: string): number {
  const text = isExclusive(bound) ? bound.slice(1) : bound;
  if (text === "-inf") return Number.NEGATIVE_INFINITY;
  if (text === "+inf" || text === "inf") return Number.POSITIVE_INFINITY;
  const integer = parseInteger(text);
  if (typeof integer === "number") return integer;
  return looseDouble(text, notFloat);
}

/**
 * Reads a number as C's `strtod` alone does, where Redis does not look at what it said: blanks before the number, an empty text
 * (which is 0) and what is too large or too small for a double all count.
 */
function looseDouble(text: string, refusal: Refusal): number {
  const end = text.indexOf("\0");
  const number = (end === -1 ? text : text.slice(0, end)).replace(/^[ \t\n\v\f\r]+/, "");
  if (number === "") {
    if (text !== "" && text.charCodeAt(0) !== 0) throw refusal;
    return 0;
  }
  const value = parseDouble(number);
  if (value !== undefined) return value;
  // What `parseDouble` refuses for its size alone.
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(number)) return Number(number);
  throw refusal;
}

/** A bound in the order of bytes. `side` is -1 for what comes before all members (`-`), 1 for what comes after (`+`). */
export interface LexBound {
  readonly text: string;
  readonly exclusive: boolean;
  readonly side: -1 | 0 | 1;
}

const least: LexBound = { text: "", exclusive: true, side: -1 };
const greatest: LexBound = { text: "", exclusive: true, side: 1 };

/** Reads `[member`, `(member`, `-` or `+`. @throws {Refusal} `ERR min or max not valid string range item` */
export function lexBound(bound: string): LexBound {
  const first = bound.charCodeAt(0);
  if (first === bracket || first === parenthesis) return { text: bound.slice(1), exclusive: first === parenthesis, side: 0 };
  if (bound === "-") return least;
  if (bound === "+") return greatest;
  throw notString;
}

/** True if a member is not before the lower bound. */
export function isFrom(member: string, min: LexBound): boolean {
  if (min.side !== 0) return min.side < 0;
  return min.exclusive ? member > min.text : member >= min.text;
}

/** True if a member is not after the upper bound. */
export function isUpTo(member: string, max: LexBound): boolean {
  if (max.side !== 0) return max.side > 0;
  return max.exclusive ? member < max.text : member <= max.text;
}
