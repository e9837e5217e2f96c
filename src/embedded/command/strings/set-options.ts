import { refusals } from "../../value/index.ts";
import { expiryArgument } from "../expiry-argument.ts";

/** What SET and GETEX are told beyond key and value. */
export interface SetOptions {
  readonly onlyNew: boolean;
  readonly onlyExisting: boolean;
  /** Answer what was there before. */
  readonly get: boolean;
  readonly keepExpiry: boolean;
  /** GETEX: take the expiry away. */
  readonly persist: boolean;
  /** EX, PX, EXAT or PXAT, and what follows it. */
  readonly unit: ExpiryUnit | undefined;
  readonly expiry: string | undefined;
}

export type ExpiryUnit = "ex" | "px" | "exat" | "pxat";

/** Reads the options of SET, or those of GETEX, from a position on. @throws {Refusal} a syntax error */
export function setOptions(args: readonly string[], from: number, command: "set" | "getex"): SetOptions {
  const set = command === "set";
  let onlyNew = false;
  let onlyExisting = false;
  let get = false;
  let keepExpiry = false;
  let persist = false;
  let unit: ExpiryUnit | undefined;
  let expiry: string | undefined;
  for (let at = from; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "nx" && set && !onlyExisting) onlyNew = true;
    else if (option === "xx" && set && !onlyNew) onlyExisting = true;
    else if (option === "get" && set) get = true;
    else if (option === "keepttl" && set && unit === undefined) keepExpiry = true;
    else if (option === "persist" && !set && unit === undefined) persist = true;
    else if (isUnit(option) && !keepExpiry && !persist && (unit === undefined || unit === option) && at + 1 < args.length) {
      unit = option;
      expiry = args[++at];
    } else throw refusals.syntax;
  }
  return { onlyNew, onlyExisting, get, keepExpiry, persist, unit, expiry };
}

/** When a key with these options expires, in milliseconds since 1970; `undefined` if they do not say. @throws {Refusal} */
export function expiryOf(options: SetOptions, now: number, command: string): number | undefined {
  const { unit, expiry } = options;
  if (unit === undefined) return undefined;
  const absolute = unit === "exat" || unit === "pxat";
  return expiryArgument(expiry, {
    seconds: unit === "ex" || unit === "exat",
    since: absolute ? 0 : now,
    command,
    positive: true,
  });
}

function isUnit(option: string): option is ExpiryUnit {
  return option === "ex" || option === "px" || option === "exat" || option === "pxat";
}
