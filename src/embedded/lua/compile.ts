import { compileToClosures } from "./closure/index.ts";
import type { Runtime } from "./runtime.ts";
import { compileToSource } from "./source/index.ts";
import { type Chunk, parse } from "./syntax/index.ts";
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
}

/** A compiled chunk. It belongs to no runtime, so it is compiled once and kept by who uses it again. */
export interface Prototype {
  readonly chunkName: string;
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
  const chunk = parse(source, options.syntaxTitle ?? chunkName, options.levels);
  const known = options.mayYield === true ? { ...chunk, mayYield: true } : chunk;
  return { chunkName, instantiate: instantiator(known, chunkName, options.backend ?? "source") };
}

function instantiator(chunk: Chunk, chunkName: string, backend: "source" | "closures"): Prototype["instantiate"] {
  if (backend === "closures") return compileToClosures(chunk, chunkName);
  try {
    return compileToSource(chunk, chunkName);
  } catch (thrown) {
    // JavaScript's parser needs more stack for a deep expression than the closures do.
    if (thrown instanceof RangeError) return compileToClosures(chunk, chunkName);
    throw thrown;
  }
}
