import { Refusal } from "./reply.ts";

const texts = {
  wrongType: "WRONGTYPE Operation against a key holding the wrong kind of value",
  syntax: "ERR syntax error",
  notInteger: "ERR value is not an integer or out of range",
  notFloat: "ERR value is not a valid float",
  notPositive: "ERR value is out of range, must be positive",
  outOfRange: "ERR index out of range",
  noSuchKey: "ERR no such key",
  notFloatResult: "ERR increment would produce NaN or Infinity",
  overflow: "ERR increment or decrement would overflow",
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
} as const;

/** The refusals that more than one family of commands answers with, in Redis' own words. */
export const refusals: { readonly [name in keyof typeof texts]: Refusal } = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, new Refusal(text)]),
) as { [name in keyof typeof texts]: Refusal };

/** An error reply with the code `ERR`. */
export function refuse(text: string): Refusal {
  return new Refusal(`ERR ${text}`);
}

/** A reply of one line cannot carry line breaks; Redis writes blanks for them. */
export function oneLine(text: string): string {
  return text.replaceAll("\r", " ").replaceAll("\n", " ");
}

/** What an error says, in one line. */
export function textOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** A defect of the engine, or more than the stack and the strings of this process hold. */
export function engineFailed(error: unknown): Refusal {
  return refuse(`the embedded engine failed: ${textOf(error)}`);
}

/** What Redis says of a command with too many or too few arguments. `name` in lower case, `config|get` for a subcommand. */
export function wrongArity(name: string): Refusal {
  return refuse(`wrong number of arguments for '${name}' command`);
}
