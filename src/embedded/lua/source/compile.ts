import { formatNumber14 } from "../../number/index.ts";
import { callable, index, indexText, setIndex, setText } from "../access.ts";
import { arithmetic, concat, equalByMetatable, length, lessEqual, lessThan, power } from "../arithmetic.ts";
import type { Runtime } from "../runtime.ts";
import { SiteList } from "../site-list.ts";
import { argTable, callIterator, getGlobal, joined, loopNumber, loopWay } from "../support.ts";
import type { Chunk } from "../syntax/index.ts";
import { LuaTable } from "../table.ts";
import { deferred, drop, first, many, passed, type Sites, TAIL_CALLS_MAX } from "../tail-call.ts";
import { type LuaFunction, NONE } from "../value.ts";
import { fromGenerator, run, tail, withGenerator } from "../yielding.ts";
import { callCode } from "./calls.ts";
import { valueCode } from "./expressions.ts";
import { Frame, type Writer } from "./frame.ts";
import { functionCode, writeFunction } from "./functions.ts";
import { blockCode } from "./statements.ts";

/** Everything that compiled code may name, besides `rt`, `env`, `sites` and `counts`. */
const SUPPORT = {
  LuaTable,
  NONE,
  TAIL_CALLS_MAX,
  argTable,
  arithmetic,
  callIterator,
  callable,
  concat,
  deferred,
  drop,
  equalByMetatable,
  first,
  formatNumber14,
  fromGenerator,
  getGlobal,
  index,
  indexText,
  isArray: Array.isArray,
  length,
  lessEqual,
  lessThan,
  loopNumber,
  loopWay,
  many,
  joined,
  passed,
  power,
  run,
  setIndex,
  setText,
  tail,
  withGenerator,
} as const;

const PRELUDE = `"use strict";const {${Object.keys(SUPPORT).join(",")}}=support;return function(rt,env,sites,counts){`;

const writer: Writer = { value: valueCode, call: callCode, closure: functionCode, block: blockCode };

/** Makes a chunk's main function for one runtime and one table of globals. */
export type Instantiate = (rt: Runtime, env: LuaTable) => LuaFunction;

type Factory = (rt: Runtime, env: LuaTable, sites: Sites, counts: Float64Array | undefined) => LuaFunction;

/**
 * Writes a chunk as JavaScript and compiles it.
 *
 * @throws {RangeError} if it nests deeper than JavaScript can read
 */
export function compileToSource(chunk: Chunk, chunkName: string, counts?: Float64Array): Instantiate {
  const sites = new SiteList();
  const code = sourceOf(chunk, sites);
  const factory = new Function("support", code)(SUPPORT) as Factory;
  return (rt, env) => factory(rt, env, { chunk: chunkName, list: sites.list }, counts);
}

function sourceOf(chunk: Chunk, sites: SiteList): string {
  const frame = new Frame(chunk.main, sites, { writer, generator: false, mayYield: chunk.mayYield, depth: 0 });
  let main = writeFunction(frame);
  if (chunk.mayYield) {
    const generator = new Frame(chunk.main, sites, { writer, generator: true, mayYield: true, depth: 0 });
    main = `withGenerator(${main},${writeFunction(generator)})`;
  }
  const places = sites.globals.map((name, at) => `const g${at}=Math.max(0,env.placeOf(${JSON.stringify(name)}));`).join("");
  return `${PRELUDE}${places}return ${main}}`;
}
