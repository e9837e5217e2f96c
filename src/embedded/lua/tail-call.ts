import { asLuaError, LuaError, type Site } from "./error.ts";
import type { LuaFunction, LuaResult, LuaValue } from "./value.ts";

/** A position in compiled code: the chunk's name and its call sites. */
export interface Sites {
  readonly chunk: string;
  readonly list: readonly Site[];
}

/**
 * A tail call that is still to be made, handed back in place of results.
 *
 * Lua's tail calls do not grow the stack. Here they are plain calls, except one in {@link TAIL_CALLS_MAX}: that one unwinds to the
 * nearest call that is no tail call, which makes it. So a loop of tail calls runs for ever in bounded stack, at no cost to the rest.
 */
export class TailCall extends Array<LuaValue> {
  readonly callee: LuaFunction;
  readonly args: LuaValue[];
  readonly sites: Sites;
  readonly site: number;

  constructor(callee: LuaFunction, args: LuaValue[], sites: Sites, site: number) {
    super();
    this.callee = callee;
    this.args = args;
    this.sites = sites;
    this.site = site;
  }
}

/** So many tail calls in a row may stand on the stack. */
export const TAIL_CALLS_MAX = 200;

/** Stands in for a function in a tail call that is to be made later. */
export function deferred(callee: LuaFunction, sites: Sites, site: number): LuaFunction {
  return (...args) => new TailCall(callee, args, sites, site);
}

/** Makes the tail calls that are still to be made. */
export function finish(result: LuaResult): LuaResult {
  let current = result;
  while (current instanceof TailCall) {
    const { callee, args, sites, site } = current;
    try {
      current = callee(...args);
    } catch (thrown) {
      throw passed(thrown, sites, site);
    }
  }
  return current;
}

/** What a frame of compiled code does with whatever was thrown through it: gives a Lua error its position. */
export function passed(thrown: unknown, sites: Sites, site: number): unknown {
  const error = asLuaError(thrown);
  const at = sites.list[site];
  if (error instanceof LuaError && at !== undefined) error.pass(sites.chunk, at);
  return error;
}

/** The first of the results, or nil. */
export function first(result: LuaResult): LuaValue {
  if (!Array.isArray(result)) return result as LuaValue;
  const settled = result instanceof TailCall ? finish(result) : (result as readonly LuaValue[]);
  return Array.isArray(settled) ? (settled[0] as LuaValue) : (settled as LuaValue);
}

/** All results as a list. It may be shared: do not write to it. */
export function many(result: LuaResult): readonly LuaValue[] {
  if (!Array.isArray(result)) return [result as LuaValue];
  if (!(result instanceof TailCall)) return result as readonly LuaValue[];
  return many(finish(result));
}

/** For values that nobody uses: makes the call that is still to be made. */
export function drop(result: LuaResult): void {
  if (result instanceof TailCall) finish(result);
}
