import { exactIntegerArgument, integerArgument, type Refusal, refusals, refuse } from "../value/index.ts";

const int64Min = "-9223372036854775808";
const beyondRange = refuse("value is out of range, value must between -9223372036854775807 and 9223372036854775807");
const outOfRange = refuse("value is out of range");

const halfMax = 2n ** 62n - 1n;

/** A reply of more elements than this would not fit into memory; Redis would try. */
const elementsMax = 2 ** 27;

/** A count whose sign means something, of SRANDMEMBER, HRANDFIELD, ZRANDMEMBER: a 64-bit integer that can be negated. */
export function signedCountArgument(text: string | undefined): number {
  if (text === int64Min) throw beyondRange;
  return integerArgument(text);
}

/** Refuses to draw, with repeats, more than can be answered. @throws {Refusal} `ERR value is out of range` */
export function checkDraws(count: number): void {
  if (count > elementsMax) throw outOfRange;
}

/** As {@link signedCountArgument}, where each is answered with a second element, so that only half the range is left. */
export function pairCountArgument(text: string | undefined): number {
  const count = signedCountArgument(text);
  if (Math.abs(count) > Number.MAX_SAFE_INTEGER) {
    const exact = exactIntegerArgument(text);
    if (exact > halfMax || exact < -halfMax) throw outOfRange;
  }
  return count;
}

/** A count from 0 on. @throws {Refusal} `ERR value is out of range, must be positive`, or the one given, whatever is wrong */
export function positiveArgument(text: string | undefined, refusal: Refusal = refusals.notPositive, least = 0): number {
  const count = integerArgument(text, refusal);
  if (count < least) throw refusal;
  return count;
}
