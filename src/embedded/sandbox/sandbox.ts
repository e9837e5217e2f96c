import type { Coverage } from "../coverage/index.ts";
import { LuaError } from "../lua/index.ts";
import { type Refusal, refuse } from "../value/index.ts";
import { oneLine } from "./flags.ts";
import { FunctionStore } from "./function-store.ts";
import type { ScriptHost } from "./host.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { type Script, ScriptCache } from "./script-cache.ts";

/** What an engine may set for its scripts. */
export interface SandboxOptions {
  /**
   * Steps that one script may take: turns of loops, calls, and the work of library functions. What takes more is stopped, and what
   * it has written stays. @default 500 million, some seconds
   */
  readonly scriptSteps?: number;
  /** `closures` does without `new Function`, where that is forbidden; it is slower. @default "source" */
  readonly luaBackend?: "source" | "closures";
  /** Counts which statements run. @default nothing is counted */
  readonly coverage?: Coverage | undefined;
}

const scriptStepsDefault = 500_000_000;

/** The scripts and functions of an engine, and where they run. */
export class Sandbox {
  readonly scripts: ScriptCache = new ScriptCache();
  readonly functions: FunctionStore = new FunctionStore(() => this.machine);
  readonly #host: ScriptHost;
  readonly #options: MachineOptions;
  #machine: Machine | undefined;

  constructor(host: ScriptHost, { scriptSteps = scriptStepsDefault, luaBackend = "source", coverage }: SandboxOptions) {
    this.#host = host;
    this.#options = { scriptSteps, luaBackend, coverage };
  }

  /** Where Lua runs. Made when it is first asked for. */
  get machine(): Machine {
    this.#machine ??= new Machine(this.#host, this.#options);
    return this.#machine;
  }

  /** The script of a body, kept for EVALSHA from now on. @throws {Refusal} for its shebang or its syntax */
  learn(body: string): Script {
    const known = this.scripts.findBody(body);
    if (known !== undefined) return known;
    const script = this.scripts.read(body);
    this.prepare(script);
    this.scripts.add(script);
    return script;
  }

  /** Makes a script ready to run. @throws {Refusal} for its syntax */
  prepare(script: Script): NonNullable<Script["main"]> {
    if (script.main !== undefined) return script.main;
    const { runtime, compiler } = this.machine;
    try {
      const main = compiler.compile("script", script.name, script.body, script.source).instantiate(runtime, runtime.globals);
      return this.scripts.ready(script, main);
    } catch (error) {
      if (error instanceof LuaError) throw syntaxRefusal(error);
      throw error;
    }
  }
}

function syntaxRefusal(error: LuaError): Refusal {
  return refuse(oneLine(`Error compiling script (new function): ${String(error.value)}`));
}
