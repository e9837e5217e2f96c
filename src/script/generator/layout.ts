import type { Type } from "../index.ts";
import type { ArgDeclaration, Header, KeyDeclaration } from "./header.ts";

/** One word of `ARGV` whose place is the same in every call. */
export interface Word {
  readonly arg: ArgDeclaration;
  /** As messages call it: `ttl_ms`, `job.id`, `length of ids`. */
  readonly label: string;
  readonly type: Type;
}

/** Which word of `ARGV` is which. */
export interface ArgLayout {
  readonly words: readonly Word[];
  /** The first argument whose length depends on the call: after it no word has a place of its own. */
  readonly open: ArgDeclaration | undefined;
}

/** The words of `ARGV`, as far as they have places of their own. */
export function layOutArgs(args: readonly ArgDeclaration[]): ArgLayout {
  const words: Word[] = [];
  for (const arg of args) {
    const fixed = arg.rest ? undefined : fixedWords(arg, arg.type, arg.name);
    if (fixed === undefined) {
      if (!arg.rest) words.push({ arg, label: `length of ${arg.name}`, type: "integer" });
      return { words, open: arg };
    }
    words.push(...fixed);
  }
  return { words, open: undefined };
}

/** The words of a value, or `undefined` if their number depends on the value. */
function fixedWords(arg: ArgDeclaration, type: Type, label: string): readonly Word[] | undefined {
  if (typeof type === "string") return [{ arg, label, type }];
  if ("nullable" in type) {
    const inner = fixedWords(arg, type.nullable, label);
    return inner?.length === 1 ? inner : undefined;
  }
  if (!("record" in type)) return undefined;
  const words = Object.entries(type.record).map(([name, field]) => fixedWords(arg, field, `${label}.${name}`));
  return words.every((each) => each !== undefined) ? words.flat() : undefined;
}

/** The key that `KEYS[n]` is, counted from 1. */
export function keyAt(header: Header, n: number): KeyDeclaration | undefined {
  const last = header.keys.at(-1);
  return header.keys[n - 1] ?? (last?.form === "rest" && n > 0 ? last : undefined);
}
