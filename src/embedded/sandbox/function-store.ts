import { refuse } from "../value/index.ts";
import { readDump, writeDump } from "./function-dump.ts";
import { type Library, loadLibrary, readHeader } from "./library.ts";
import type { Machine } from "./machine.ts";
import type { LibraryFunction } from "./registration.ts";

/** What FUNCTION RESTORE does with libraries that are there already. */
export type RestorePolicy = "append" | "replace" | "flush";

/** The libraries of an engine, and their functions by name. */
export class FunctionStore {
  readonly #machine: () => Machine;
  #libraries = new Map<string, Library>();
  /** By their names in lower case: FCALL takes either. */
  #functions = new Map<string, LibraryFunction>();

  /** @param machine made when the first library is loaded */
  constructor(machine: () => Machine) {
    this.#machine = machine;
  }

  get libraries(): ReadonlyMap<string, Library> {
    return this.#libraries;
  }

  get size(): number {
    return this.#functions.size;
  }

  find(name: string): LibraryFunction | undefined {
    return this.#functions.get(name) ?? this.#functions.get(name.toLowerCase());
  }

  /** Loads a library. Answers its name. @throws {Refusal} in Redis' words; all is then as it was */
  load(code: string, replace: boolean): string {
    const header = readHeader(code);
    if (this.#libraries.has(header.name) && !replace) throw refuse(`Library '${header.name}' already exists`);
    const library = loadLibrary(this.#machine(), code, header);
    const replaced = new Set(this.#libraries.get(header.name)?.functions.values());
    for (const name of library.functions.keys()) this.#checkFree(name, replaced);
    this.delete(header.name);
    this.#add(library);
    return library.name;
  }

  /** Whether it was there. */
  delete(name: string): boolean {
    const library = this.#libraries.get(name);
    if (library === undefined) return false;
    for (const each of library.functions.keys()) this.#functions.delete(each.toLowerCase());
    return this.#libraries.delete(name);
  }

  clear(): void {
    this.#libraries = new Map();
    this.#functions = new Map();
  }

  /** The libraries' texts: all that there is to keep of them. */
  sources(): readonly string[] {
    return [...this.#libraries.values()].map(({ code }) => code);
  }

  /** Has these libraries and no others, each as if it had just been loaded. @throws {Refusal} if one cannot be; all is then as it was */
  exchange(sources: readonly string[]): void {
    const restored = this.#loaded(sources);
    this.#libraries = restored.#libraries;
    this.#functions = restored.#functions;
  }

  dump(): string {
    return writeDump(this.sources());
  }

  /** @throws {Refusal} if it is no dump, or does not go with what is there; all is then as it was */
  restore(dump: string, policy: RestorePolicy): void {
    const sources = readDump(dump);
    if ("error" in sources) throw refuse(sources.error);
    if (policy === "flush") {
      this.exchange(sources);
      return;
    }
    const restored = this.#loaded(sources);
    this.#checkNames(restored, policy);
    for (const library of restored.#libraries.values()) {
      this.delete(library.name);
      this.#add(library);
    }
  }

  #loaded(sources: readonly string[]): FunctionStore {
    const store = new FunctionStore(this.#machine);
    for (const source of sources) store.load(source, false);
    return store;
  }

  #checkNames(restored: FunctionStore, policy: RestorePolicy): void {
    const replaced = new Set<LibraryFunction>();
    for (const [name, library] of this.#libraries) {
      if (!restored.#libraries.has(name)) continue;
      if (policy === "append") throw refuse(`Library ${name} already exists`);
      for (const each of library.functions.values()) replaced.add(each);
    }
    for (const { name } of restored.#functions.values()) this.#checkFree(name, replaced);
  }

  #checkFree(name: string, replaced: ReadonlySet<LibraryFunction>): void {
    const holder = this.#functions.get(name.toLowerCase());
    if (holder !== undefined && !replaced.has(holder)) throw refuse(`Function ${name} already exists`);
  }

  #add(library: Library): void {
    this.#libraries.set(library.name, library);
    for (const each of library.functions.values()) this.#functions.set(each.name.toLowerCase(), each);
  }
}
