import { type Refusal, refuse, oneLine as withoutBreaks } from "../value/index.ts";
import { splitArguments } from "./split-arguments.ts";

/** What a script or function promises or allows, by the names that a shebang and `redis.register_function` take. */
export const scriptFlags = {
  "no-writes": 1,
  "allow-oom": 2,
  "allow-stale": 4,
  "no-cluster": 8,
  "allow-cross-slot-keys": 16,
} as const;

/** Bits of {@link scriptFlags}. */
export type ScriptFlags = number;

/** A script without a shebang, as before Redis 7: it may do everything, and what it does is checked command by command. */
export const COMPATIBLE: ScriptFlags = 32;

/** The bit of a flag, `undefined` if there is none of that name. */
export function flagOf(name: string): ScriptFlags | undefined {
  return Object.hasOwn(scriptFlags, name) ? scriptFlags[name as keyof typeof scriptFlags] : undefined;
}

/** Names of the flags that are set, in Redis' order. */
export function flagNames(flags: ScriptFlags): string[] {
  return Object.entries(scriptFlags).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
}

/** A script, and what its first line says of it. */
export interface Shebang {
  readonly flags: ScriptFlags;
  /** The source without the first line's text; its line break stays, so that lines keep their numbers. */
  readonly source: string;
}

/**
 * Reads `#!lua flags=no-writes,allow-oom` at the start of a script.
 *
 * @throws {Refusal} in Redis' words, if there is a shebang that is none of Redis'
 */
export function readShebang(body: string): Shebang {
  if (!body.startsWith("#!")) return { flags: COMPATIBLE, source: body };
  const end = body.indexOf("\n");
  if (end === -1) throw refuse("Invalid script shebang");
  const [engine, ...options] = splitArguments(body.slice(0, end)) ?? [];
  if (engine === undefined) throw refuse("Invalid engine in script shebang");
  if (engine !== "#!lua") throw unexpected("engine", engine);
  let flags = 0;
  for (const option of options) {
    if (!option.startsWith("flags=")) throw refuse(oneLine(`Unknown lua shebang option: ${option}`));
    flags |= readFlags(option.slice("flags=".length));
  }
  return { flags, source: body.slice(end) };
}

function readFlags(list: string): ScriptFlags {
  let flags = 0;
  if (list === "") return flags;
  for (const name of list.split(",")) {
    const flag = flagOf(name);
    if (flag === undefined) throw unexpected("flag", name);
    flags |= flag;
  }
  return flags;
}

function unexpected(what: "engine" | "flag", given: string): Refusal {
  return refuse(oneLine(`Unexpected ${what} in script shebang: ${given}`));
}

/** As an error reply can carry it: of one line, and no further than the first NUL. */
export function oneLine(text: string): string {
  const end = text.indexOf("\0");
  return withoutBreaks(end === -1 ? text : text.slice(0, end));
}
