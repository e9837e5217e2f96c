import { matchesGlob, Refusal, refuse } from "../value/index.ts";
import type { Engine } from "./engine.ts";
import type { Setting } from "./setting.ts";
import { settingsByName } from "./settings.ts";

/** What CONFIG has set on one engine. */
export class Configuration {
  readonly #engine: Engine;
  #changed: Map<string, string> | undefined = undefined;
  /** There is a password. */
  guarded = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get(name: string): string {
    const setting = settingsByName.get(name);
    return setting === undefined ? "" : this.#show(setting);
  }

  /** Names and values in turn, of all names that one of the patterns matches. A name in full is answered as it was asked for. */
  matching(patterns: readonly string[]): readonly string[] {
    const found = new Map<Setting, string>();
    for (const pattern of patterns) {
      const named = settingsByName.get(pattern.toLowerCase());
      if (named !== undefined && !found.has(named)) found.set(named, pattern);
      else
        for (const setting of settingsByName.values()) {
          if (!found.has(setting) && matchesGlob(pattern, setting.name, true)) found.set(setting, setting.name);
        }
    }
    return [...found].flatMap(([setting, name]) => [name, this.#show(setting)]);
  }

  /** Sets names and values in turn: all of them, or none. */
  set(pairs: readonly string[]): Refusal | undefined {
    const chosen = this.#read(pairs);
    if (chosen instanceof Refusal) return chosen;
    const before = [...chosen.keys()].map((setting) => [setting, this.#show(setting)] as const);
    for (const [setting, value] of chosen) {
      const problem = setting.apply?.(this.#engine, value);
      if (problem !== undefined) {
        for (const [each, old] of before) each.apply?.(this.#engine, old);
        return failed(setting.name, problem);
      }
    }
    this.#changed ??= new Map();
    for (const [setting, value] of chosen) this.#changed.set(setting.name, value);
    return undefined;
  }

  #show(setting: Setting): string {
    return setting.show?.(this.#engine) ?? this.#changed?.get(setting.name) ?? setting.initial;
  }

  #read(pairs: readonly string[]): Map<Setting, string> | Refusal {
    const named = new Map<Setting, string>();
    for (let at = 0; at < pairs.length; at += 2) {
      const name = pairs[at] as string;
      const setting = settingsByName.get(name.toLowerCase());
      if (setting === undefined) return refuse(`Unknown option or number of arguments for CONFIG SET - '${name}'`);
      if (setting.immutable) return failed(name, "can't set immutable config");
      if (named.has(setting)) return failed(name, "duplicate parameter");
      named.set(setting, pairs[at + 1] as string);
    }
    for (const [setting, value] of named) {
      const read = setting.read(value);
      if ("problem" in read) return failed(setting.name, read.problem);
      if (setting.fixed !== undefined && read.value !== this.#show(setting)) return failed(setting.name, setting.fixed);
      named.set(setting, read.value);
    }
    return named;
  }
}

function failed(name: string, why: string): Refusal {
  return refuse(`CONFIG SET failed (possibly related to argument '${name}') - ${why}`);
}
