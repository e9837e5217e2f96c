import { overflows, parseInteger, type Refusal, refusals, refuse } from "../value/index.ts";

/** How a command is told when a key expires. */
export interface ExpiryForm {
  /** Seconds rather than milliseconds. */
  readonly seconds: boolean;
  /** What the argument counts from, in milliseconds since 1970; 0 if it is itself such a time. */
  readonly since: number;
  /** For the text of the refusal. */
  readonly command: string;
  /** Whether it must be above zero. EXPIRE takes what is past, and deletes the key. */
  readonly positive: boolean;
}

/** Far from what a time or a sum of times reaches before it leaves 64 bits. */
const certain = 2 ** 52;

/**
 * Reads when a key expires. Beyond 2^53 ms, the year 287396, to the nearest that a number holds.
 *
 * @returns milliseconds since 1970
 * @throws {Refusal} `ERR value is not an integer or out of range`, `ERR invalid expire time in '…' command`
 */
export function expiryArgument(text: string | undefined, form: ExpiryForm): number {
  const value = text === undefined ? undefined : parseInteger(text);
  if (value === undefined) throw refusals.notInteger;
  if (form.positive && value <= 0) throw invalidExpiry(form.command);
  const since = Math.floor(form.since);
  const factor = form.seconds ? 1000 : 1;
  if (typeof value === "number") {
    const at = value * factor + since;
    if (at < certain && at > -certain) return at;
  }
  const scaled = BigInt(value) * BigInt(factor);
  if (overflows(scaled) || overflows(scaled + BigInt(since))) throw invalidExpiry(form.command);
  return Number(scaled + BigInt(since));
}

function invalidExpiry(command: string): Refusal {
  return refuse(`invalid expire time in '${command}' command`);
}
