import type { LuaFunction } from "../lua/index.ts";
import { readShebang, type ScriptFlags } from "./flags.ts";
import type { Run } from "./machine.ts";
import { sha1 } from "./redis-table.ts";

/** How many scripts stay ready to run. The rest of the cache are sources, which get ready again when they are called. */
const readyMax = 2000;

/** A script that the engine knows. */
export class Script implements Run {
  /** Its SHA1. */
  readonly name: string;
  readonly body: string;
  /** The body without its first line's shebang. */
  readonly source: string;
  readonly flags: ScriptFlags;
  readonly readOnly = false;
  /** The function that it is, once it has run in this engine. */
  main: LuaFunction | undefined = undefined;

  /** @throws {Refusal} if its shebang is none */
  constructor(sha: string, body: string) {
    const { flags, source } = readShebang(body);
    this.name = sha;
    this.body = body;
    this.source = source;
    this.flags = flags;
  }
}

/** The scripts of an engine by their SHA1: what EVALSHA finds. As in Redis, they stay until SCRIPT FLUSH. */
export class ScriptCache {
  readonly #bySha = new Map<string, Script>();
  /** So that EVAL of a body that is known needs no SHA1 of it. */
  readonly #byBody = new Map<string, Script>();
  #ready: Script[] = [];

  /** Scripts that it knows. */
  get size(): number {
    return this.#bySha.size;
  }

  has(sha: string): boolean {
    return this.find(sha) !== undefined;
  }

  /** The script of a SHA1, in either case. */
  find(sha: string): Script | undefined {
    return this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase());
  }

  findBody(body: string): Script | undefined {
    return this.#byBody.get(body);
  }

  /** A script that is not in the cache yet. {@link add} keeps it, once it has proved to be one. @throws {Refusal} for its shebang */
  read(body: string): Script {
    return new Script(sha1(body), body);
  }

  add(script: Script): void {
    this.#bySha.set(script.name, script);
    this.#byBody.set(script.body, script);
  }

  /** Notes that a script got ready. Beyond a limit all are put away, so that texts made up by programs cannot fill the memory. */
  ready(script: Script, main: LuaFunction): LuaFunction {
    if (this.#ready.length >= readyMax) {
      for (const each of this.#ready) each.main = undefined;
      this.#ready = [];
    }
    this.#ready.push(script);
    script.main = main;
    return main;
  }

  clear(): void {
    this.#bySha.clear();
    this.#byBody.clear();
    this.#ready = [];
  }
}
