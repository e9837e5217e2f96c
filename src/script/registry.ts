import { isDeepStrictEqual } from "node:util";
import type { RedisPort } from "../client/index.ts";
import { InvalidInputError, nearest, readOptions, refuseUnknown, show, text } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { checkScript } from "./call.ts";
import type { UntypedScript } from "./define.ts";
import { prepare } from "./prepare.ts";
import { type RunOptions, run } from "./run.ts";
import type { Schema } from "./schema.ts";

/** What a {@link ScriptRegistry} knows of a script. */
export interface ScriptInfo {
  readonly name: string;
  /** The version that a call without one gets: the last registered. */
  readonly version: string;
  /** Every version, in the order of registration. */
  readonly versions: readonly { readonly version: string; readonly sha: string }[];
  readonly sha: string;
  readonly schema: Schema;
}

/**
 * Scripts by name and version, for programs that choose what to run at run time: an admin tool, a plug-in, a slow
 * roll-out of a new version. Where the script is known when the program is written, `run` is typed and this is not.
 *
 * @example
 * const registry = new ScriptRegistry(redis);
 * registry.register(swap, { version: "2" });
 * await registry.execute("stock.swap", { keys: { stock: "stock:789" }, args: { expect: "100", value: "99" } });
 */
export class ScriptRegistry {
  readonly #redis: RedisPort;
  readonly #scripts = new Map<string, Map<string, UntypedScript>>();

  constructor(redis: RedisPort) {
    checkPort("ScriptRegistry", redis);
    this.#redis = redis;
  }

  /** Names that are registered. */
  get names(): readonly string[] {
    return [...this.#scripts.keys()];
  }

  /**
   * Registers a script under its name. Registering the same source again changes nothing.
   *
   * @param options.version what to call this source; by default the first 8 characters of its SHA
   * @throws {InvalidInputError} the version is taken by another source, or by the same with another schema
   */
  register(script: UntypedScript, options: { readonly version?: string } = {}): void {
    checkScript(script);
    const { version = script.sha.slice(0, 8) } = readOptions("ScriptRegistry.register", options, { version: text() });
    const versions = this.#scripts.get(script.name) ?? new Map<string, UntypedScript>();
    const known = versions.get(version);
    if (known !== undefined && !(known.sha === script.sha && isDeepStrictEqual(known.schema, script.schema))) {
      throw new InvalidInputError(
        "INPUT_INVALID",
        "version",
        `Version ${show(version)} of script "${script.name}" is another source or schema. Register this one under a version of its own.`,
      );
    }
    if (known === undefined) this.#scripts.set(script.name, versions.set(version, script));
  }

  /** Loads every version of every script on every primary. */
  async prepare(): Promise<void> {
    const all = [...this.#scripts.values()].flatMap((versions) => [...versions.values()]);
    for (const script of all) await prepare(this.#redis, script);
  }

  /**
   * Runs a registered script; keys and arguments are checked against its schema.
   *
   * @throws {InvalidInputError} no such script or version (the nearest name is suggested), or an argument does not fit
   * @throws {ScriptError} the call failed
   */
  async execute(
    name: string,
    call: { readonly keys: object; readonly args?: object; readonly version?: string },
    options?: RunOptions,
  ): Promise<unknown> {
    refuseUnknown("ScriptRegistry.execute", call, ["keys", "args", "version"]);
    return await run(this.#redis, this.#find(name, call.version), call.keys, call.args ?? {}, options);
  }

  /** What is known of a script; `undefined` if it is not registered. */
  info(name: string): ScriptInfo | undefined {
    const versions = [...(this.#scripts.get(name) ?? [])];
    const latest = versions.at(-1);
    if (latest === undefined) return undefined;
    const [version, { sha, schema }] = latest;
    return { name, version, versions: versions.map(([each, script]) => ({ version: each, sha: script.sha })), sha, schema };
  }

  #find(name: string, version: string | undefined): UntypedScript {
    const versions = this.#scripts.get(name);
    if (versions === undefined) {
      const near = nearest(name, this.names);
      const hint = near === undefined ? "Register it first." : `Did you mean "${near}"?`;
      throw new InvalidInputError("INPUT_INVALID", "name", `No script is registered as ${show(name)}. ${hint}`);
    }
    const script = version === undefined ? [...versions.values()].at(-1) : versions.get(version);
    if (script !== undefined) return script;
    const known = [...versions.keys()].join(", ");
    throw new InvalidInputError(
      "INPUT_INVALID",
      "version",
      `Script "${name}" has no version ${show(version)}. It has: ${known}.`,
    );
  }
}
