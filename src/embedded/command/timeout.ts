import { parseDouble, refuse } from "../value/index.ts";

const notFloat = refuse("timeout is not a float or out of range");
const negative = refuse("timeout is negative");

/**
 * How long a blocking command waits, in milliseconds, from an argument in seconds; 0 is for ever. What does not fit into 64 bits
 * counts as negative: Redis 7.0 lets it overflow.
 *
 * @throws {Refusal} `ERR timeout is not a float or out of range`, `ERR timeout is negative`
 */
export function timeoutArgument(text: string | undefined): number {
  const seconds =
    text === undefined ? undefined : (parseDouble(text) ?? (isTooLarge(text) ? Number.POSITIVE_INFINITY : undefined));
  if (seconds === undefined) throw notFloat;
  const ms = Math.ceil(seconds * 1000);
  if (ms < 0 || ms >= 2 ** 63) throw negative;
  return ms;
}

/** A decimal beyond what a double holds: Redis reads it into a long double, which reaches to 10^4932. */
function isTooLarge(text: string): boolean {
  return Math.abs(Number(text)) === Number.POSITIVE_INFINITY && /^[+-]?[\d.]+(?:e\+?\d+)?$/i.test(text);
}
