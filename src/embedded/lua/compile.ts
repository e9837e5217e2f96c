import { compileToClosures } from "./closure/index.ts";
import type { Runtime } from "./runtime.ts";
import { compileToSource } from "./source/index.ts";
import { type Chunk, type Place, parse } from "./syntax/index.ts";
import type { LuaTable } from "./table.ts";
import type { LuaFunction } from "./value.ts";

/** How Lua source is compiled. */
export interface CompileOptions {
  /** `source` writes JavaScript; `closures` needs no `new Function` and is slower. @default "source" */
  readonly backend?: "source" | "closures";
  /** Its functions may run in coroutines even if the source says nothing of them. @default false */
  readonly mayYield?: boolean;
  /** What syntax errors call the chunk. @default its name */
  readonly syntaxTitle?: string;
  /** Levels of nesting that are used up already, where a running program compiles. @default 0 */
  readonly levels?: number;
  /** Counts how often each statement is reached. @default false */
  readonly counted?: boolean;
}

/** How often the statements of a chunk were reached, by all its instances. */
export interface StatementCounts {
  /** Where the statements begin, in the order of the source. */
  readonly places: readonly Place[];
  /** How often each was reached. */
  readonly counts: Float64Array;
}

/** A compiled chunk. It belongs to no runtime, so it is compiled once and kept by who uses it again. */
export interface Prototype {
  readonly chunkName: string;
  /** If it was compiled to be counted. */
  readonly counted: StatementCounts | undefined;
  /** The chunk's main function, with `env` as its globals. */
  instantiate(rt: Runtime, env: LuaTable): LuaFunction;
}

/**
 * Compiles Lua 5.1 source.
 *
 * @param source a byte string
 * @param chunkName what errors call it: `user_script`
 * @throws {LuaError} a syntax error, with Lua's own text
 * @example
 * const prototype = compile("return ...", "user_script");
 * rt.call(prototype.instantiate(rt, rt.globals), ["a"]); // "a"
 */
export function compile(source: string, chunkName: string, options: CompileOptions = {}): Prototype {
  const chunk = parse(source, options.syntaxTitle ?? chunkName, options.levels, options.counted);
  const known = options.mayYield === true ? { ...chunk, mayYield: true } : chunk;
  const { places } = chunk;
  const counted = places === undefined ? undefined : { places, counts: new Float64Array(places.length) };
  return { chunkName, counted, instantiate: instantiator(known, chunkName, options.backend ?? "source", counted?.counts) };
}

function instantiator(
  chunk: Chunk,
  chunkName: string,
  backend: "source" | "closures",
  counts: Float64Array | undefined,
): Prototype["instantiate"] {
  if (backend === "closures") return compileToClosures(chunk, chunkName, counts);
  try {
    return compileToSource(chunk, chunkName, counts);
  } catch (thrown) {
    // JavaScript's parser needs more stack for a deep expression than the closures do.
    if (thrown instanceof RangeError) return compileToClosures(chunk, chunkName, counts);
    throw thrown;
  }
}
