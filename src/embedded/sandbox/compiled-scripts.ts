import { LRUCache } from "lru-cache";
import { type CompileOptions, compile, type Prototype } from "../lua/index.ts";

/**
 * Scripts that were compiled in this process, whichever engine ran them: a test with a new engine finds its scripts ready. The
 * source counts as the size; what it is compiled to is some ten times that.
 */
const compiled = new LRUCache<string, Prototype>({ max: 2000, maxSize: 16 * 1024 * 1024 });

/** Compiles chunks of Lua, each once in this process. */
export class Compiler {
  readonly #options: CompileOptions;
  readonly #kind: string;

  constructor(options: CompileOptions) {
    this.#options = options;
    this.#kind = options.backend ?? "source";
  }

  /**
   * @param id what tells the chunk from all others: its SHA1
   * @throws {LuaError} the syntax error
   */
  compile(id: string, source: string, chunk: "user_script" | "user_function"): Prototype {
    const key = `${this.#kind}:${chunk}:${id}`;
    let prototype = compiled.get(key);
    if (prototype === undefined) {
      prototype = compile(source, chunk, this.#options);
      compiled.set(key, prototype, { size: Math.max(source.length, 1) });
    }
    return prototype;
  }
}
