import { integerArgument, type Refusal, refusals, refuse } from "../../value/index.ts";
import type { CommandContext } from "../index.ts";

const notTimeout = refuse("timeout is not an integer or out of range");
const negativeTimeout = refuse("timeout is negative");
const unbalanced = refuse("Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.");
const groupless = refuse("Missing GROUP option for XREADGROUP");

/** What XREAD and XREADGROUP are told before and after STREAMS. */
export interface ReadOptions {
  /** Milliseconds to wait, 0 without end; `undefined` not at all. */
  readonly blockMs: number | undefined;
  /** 0 for no limit. */
  readonly count: number;
  readonly noAcknowledge: boolean;
  readonly group: string;
  readonly consumer: string;
  /** Where the keys begin, and how many there are; the ids follow them. */
  readonly keysAt: number;
  readonly streams: number;
}

/** @throws {Refusal} */
export function readReadOptions(context: CommandContext, args: readonly string[], grouped: boolean): ReadOptions {
  let blockMs: number | undefined;
  let count = 0;
  let noAcknowledge = false;
  let group: string | undefined;
  let consumer = "";
  let at = 1;
  for (; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    const more = args.length - 1 - at;
    if (option === "streams" && more > 0) break;
    if (option === "block" && more > 0) {
      if (context.script === true) throw refuse(`${args[0]} command is not allowed with BLOCK option from scripts`);
      blockMs = integerArgument(args[++at], notTimeout);
      if (blockMs < 0) throw negativeTimeout;
    } else if (option === "count" && more > 0) {
      count = Math.max(0, integerArgument(args[++at]));
    } else if (option === "group" && more > 1) {
      if (!grouped) throw onlyForGroups("GROUP");
      group = args[at + 1] as string;
      consumer = args[at + 2] as string;
      at += 2;
    } else if (option === "noack") {
      if (!grouped) throw onlyForGroups("NOACK");
      noAcknowledge = true;
    } else {
      throw refusals.syntax;
    }
  }
  const keysAt = at + 1;
  const listed = args.length - keysAt;
  if (listed <= 0) throw refusals.syntax;
  if (listed % 2 !== 0) throw unbalanced;
  if (grouped && group === undefined) throw groupless;
  return { blockMs, count, noAcknowledge, group: group ?? "", consumer, keysAt, streams: listed / 2 };
}

function onlyForGroups(option: string): Refusal {
  return refuse(`The ${option} option is only supported by XREADGROUP. You called XREAD instead.`);
}

/**
 * Positions of the keys of XREAD, or of XREADGROUP, where Redis looks for STREAMS from the fourth argument on: for COMMAND GETKEYS
 * and for those who check them.
 */
export function keysOfRead(args: readonly string[]): number[] {
  const from = (args[0] as string).length > "xread".length ? 4 : 1;
  const at = args.findIndex((arg, index) => index >= from && arg.toLowerCase() === "streams");
  const keys = at === -1 ? 0 : Math.floor((args.length - at - 1) / 2);
  return Array.from({ length: keys }, (_, index) => at + 1 + index);
}
