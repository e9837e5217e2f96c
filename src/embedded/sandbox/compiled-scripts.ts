import { LRUCache } from "lru-cache";
import type { CountedChunk, Coverage } from "../coverage/index.ts";
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
  readonly #coverage: Coverage | undefined;

  constructor(options: CompileOptions, coverage: Coverage | undefined) {
    this.#options = options;
    this.#coverage = coverage;
    this.#kind = options.backend ?? "source";
  }

  /** @throws {LuaError} the syntax error */
  compile(kind: CountedChunk["kind"], sha: string, body: string, source: string): Prototype {
    const chunkName = kind === "script" ? "user_script" : "user_function";
    if (this.#coverage !== undefined) return this.#coverage.compile({ kind, sha, body, source, chunkName }, this.#options);
    const key = `${this.#kind}:${kind}:${sha}`;
    let prototype = compiled.get(key);
    if (prototype === undefined) {
      prototype = compile(source, chunkName, this.#options);
      compiled.set(key, prototype, { size: Math.max(source.length, 1) });
    }
    return prototype;
  }
}
