import { getHeapStatistics } from "node:v8";
import type { Coverage } from "../coverage/index.ts";
import {
  first,
  LuaError,
  type LuaFunction,
  LuaTable,
  type LuaValue,
  openLibraries,
  Runtime,
  StepLimitError,
} from "../lua/index.ts";
import { type Refusal, type Reply, refusals, refuse } from "../value/index.ts";
import { CommandCaller } from "./command-caller.ts";
import { Compiler } from "./compiled-scripts.ts";
import { uncaughtReply } from "./error-table.ts";
import { COMPATIBLE, type ScriptFlags, scriptFlags } from "./flags.ts";
import { copyGlobals, errorHandler, protect, redisPcall, refuseMissing } from "./globals.ts";
import type { ScriptHost, ScriptingContext } from "./host.ts";
import { functionTable, loadingTable, scriptTable } from "./redis-table.ts";
import { ReplyWriter } from "./to-reply.ts";

/**
 * So much of the heap of the process is left alone, or half of it if it is smaller: a script that gets this near to the limit is
 * stopped, for past it the process ends. Between two looks a million steps may take half a gigabyte.
 */
const heapReserve = 1_250 * 1024 * 1024;
/** What a script has to have taken itself, as a share of the limit, before it is to blame. */
const heapShareMin = 1 / 8;

/** How scripts are compiled, and when they are stopped. */
export interface MachineOptions {
  readonly scriptSteps: number;
  readonly luaBackend: "source" | "closures";
  readonly coverage: Coverage | undefined;
}

/** What is to run, and what it may do. */
export interface Run {
  /** What Redis calls it in errors: the SHA1 of a script, the name of a function. */
  readonly name: string;
  readonly flags: ScriptFlags;
  /** It was called by EVAL_RO or another command that promises not to write. */
  readonly readOnly: boolean;
}

/** Where Lua runs: one per engine, made when the first script comes. */
export class Machine {
  readonly runtime: Runtime;
  readonly compiler: Compiler;
  /** The globals of functions. Each library has a table of its own in front of them. */
  readonly functionGlobals: LuaTable;
  /** `redis` while a library is loaded, but for `register_function`. */
  readonly loadingFields: LuaTable;
  /** Where `KEYS` and `ARGV` stand among the globals, which nobody can add to. */
  readonly #keysPlace: number;
  readonly #argsPlace: number;
  readonly #host: ScriptHost;
  readonly #caller: CommandCaller;
  readonly #stepsMax: number;
  /** What the heap held when the running script was first looked at; 0 before. */
  #heapAtFirst = 0;

  constructor(host: ScriptHost, { scriptSteps, luaBackend, coverage }: MachineOptions) {
    const runtime = new Runtime({ backend: luaBackend });
    this.runtime = runtime;
    this.#host = host;
    this.#stepsMax = scriptSteps;
    this.compiler = new Compiler({ backend: luaBackend }, coverage);
    this.#caller = new CommandCaller(host, (count) => runtime.tick(count));
    runtime.onSlice(() => this.#checkHeap());
    openLibraries(runtime);
    const globals = runtime.globals;
    globals.set("pcall", redisPcall(globals.get("pcall") as LuaFunction, runtime));
    const read = (bytes: number): void => runtime.read(bytes);
    const options = { caller: this.#caller, host, read, toNumber: (value: LuaValue) => runtime.tonumber(value) };
    this.functionGlobals = copyGlobals(globals);
    this.functionGlobals.set("redis", functionTable(options));
    this.loadingFields = loadingTable(options);
    globals.set("redis", scriptTable(options));
    globals.set("__redis__err__handler", errorHandler(runtime));
    globals.set("KEYS", new LuaTable());
    globals.set("ARGV", new LuaTable());
    this.#keysPlace = globals.placeOf("KEYS");
    this.#argsPlace = globals.placeOf("ARGV");
    for (const table of [globals, this.functionGlobals]) {
      refuseMissing(table);
      protect(table);
    }
    if (runtime.stringMetatable !== undefined) protect(runtime.stringMetatable);
  }

  /** Runs a script: `KEYS` and `ARGV` are globals. */
  runScript(main: LuaFunction, keys: string[], args: string[], run: Run, context: ScriptingContext): Reply {
    const { values } = this.runtime.globals;
    values[this.#keysPlace] = new LuaTable(keys);
    values[this.#argsPlace] = new LuaTable(args);
    return this.#run(main, [], run, context);
  }

  /** Runs a function of a library: keys and arguments are its parameters. */
  runFunction(callback: LuaFunction, keys: string[], args: string[], run: Run, context: ScriptingContext): Reply {
    return this.#run(callback, [new LuaTable(keys), new LuaTable(args)], run, context);
  }

  #run(main: LuaFunction, args: readonly LuaValue[], run: Run, context: ScriptingContext): Reply {
    const { runtime } = this;
    const caller = this.#caller;
    caller.begin(context.db, this.#permissions(run));
    this.#heapAtFirst = 0;
    runtime.coroutine = undefined;
    runtime.limitSteps(this.#stepsMax);
    try {
      const result = first(runtime.call(main, args));
      if (typeof result === "string") return result;
      return new ReplyWriter(caller.resp, context.resp, this.#tick).write(result);
    } catch (error) {
      return this.#failed(error, run);
    }
  }

  /** @throws {Refusal} if the script may not run at all */
  #permissions({ flags, readOnly }: Run): { readOnly: boolean; fullMemory: boolean } {
    const { maxMemory } = this.#host.keyspace;
    const full = maxMemory !== 0 && this.#host.keyspace.usedMemory > maxMemory;
    if ((flags & COMPATIBLE) !== 0) return { readOnly, fullMemory: full };
    const writes = (flags & scriptFlags["no-writes"]) === 0;
    if (writes && readOnly) throw refuse("Can not execute a script with write flag using *_ro command.");
    const copes = !writes || (flags & scriptFlags["allow-oom"]) !== 0;
    if (full && !copes) throw refusals.outOfMemory;
    return { readOnly: !writes, fullMemory: false };
  }

  #failed(error: unknown, run: Run): Refusal {
    if (error instanceof StepLimitError) return stopped(`it took more than ${this.#stepsMax} steps (option scriptSteps)`, run);
    if (error instanceof HeapLimitError) return stopped("it filled the memory of the process", run);
    if (!(error instanceof LuaError)) throw error;
    const place = { script: run.name, source: sourceOf(error.chunk), line: error.line };
    return uncaughtReply(error.value, (value) => this.runtime.tostring(value), place);
  }

  /** Looked at about every million steps. Not for `pcall` to catch. */
  #checkHeap(): void {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    // What an earlier script has left may be collected only now: what this one has taken counts from the lowest that was seen.
    if (this.#heapAtFirst === 0 || used < this.#heapAtFirst) this.#heapAtFirst = used;
    const taken = used - this.#heapAtFirst;
    if (taken > limit * heapShareMin && used > Math.max(limit / 2, limit - heapReserve)) throw new HeapLimitError();
  }

  readonly #tick = (): void => this.runtime.tick(1);
}

class HeapLimitError {
  readonly message = "the script filled the memory of the process";
}

function stopped(reason: string, { name }: Run): Refusal {
  return refuse(`Script stopped: ${reason}. What it has written stays. script: ${name}`);
}

/** The source of a chunk as `debug.getinfo` would name it, from the name that errors carry. */
function sourceOf(chunk: string | undefined): string {
  if (chunk === undefined) return "=[C]";
  if (chunk.startsWith('[string "')) return chunk.slice('[string "'.length, -2);
  return chunk === "user_script" || chunk === "user_function" ? `@${chunk}` : `=${chunk}`;
}
