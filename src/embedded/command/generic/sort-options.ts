import { integerArgument, refusals } from "../../value/index.ts";

/** What SORT is told beyond the key. */
export interface SortOptions {
  readonly descending: boolean;
  readonly alphabetical: boolean;
  readonly offset: number;
  readonly limit: number;
  /** Pattern of the key of what each element is sorted by; `undefined` for the element itself. */
  readonly by: string | undefined;
  /** A BY without a star: not sorted at all, whatever another BY says. */
  readonly asIs: boolean;
  /** Patterns of the keys to answer with, for each element. */
  readonly get: readonly string[];
  readonly store: string | undefined;
}

/** @throws {Refusal} a syntax error, or of LIMIT */
export function sortOptions(args: readonly string[], readOnly: boolean): SortOptions {
  let descending = false;
  let alphabetical = false;
  let offset = 0;
  let limit = -1;
  let by: string | undefined;
  let asIs = false;
  const get: string[] = [];
  let store: string | undefined;
  for (let at = 2; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    const left = args.length - at - 1;
    if (option === "asc") descending = false;
    else if (option === "desc") descending = true;
    else if (option === "alpha") alphabetical = true;
    else if (option === "limit" && left >= 2) {
      offset = integerArgument(args[at + 1]);
      limit = integerArgument(args[at + 2]);
      at += 2;
    } else if (option === "store" && left >= 1 && !readOnly) store = args[++at] as string;
    else if (option === "by" && left >= 1) {
      by = args[++at] as string;
      asIs ||= !by.includes("*");
    } else if (option === "get" && left >= 1) get.push(args[++at] as string);
    else throw refusals.syntax;
  }
  return { descending, alphabetical, offset, limit, by, asIs, get, store };
}

/** Positions of the keys of SORT: the one that is sorted, and the one that is stored. */
export function sortKeys(args: readonly string[]): readonly number[] {
  let store: number | undefined;
  for (let at = 2; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "limit") at += 2;
    else if (option === "by" || option === "get") at++;
    else if (option === "store" && at + 1 < args.length) store = ++at;
  }
  return store === undefined ? [1] : [1, store];
}
