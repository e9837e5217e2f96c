import type { Engine } from "./engine.ts";

/** One name of CONFIG. */
export interface Setting {
  readonly name: string;
  readonly initial: string;
  /** The value as it is kept, or what is wrong with it, in Redis' words. */
  read(value: string): { readonly value: string } | { readonly problem: string };
  /** Why it cannot be changed from what it is. */
  readonly fixed?: string;
  /** It may not be named in CONFIG SET at all. */
  readonly immutable?: true;
  /** What changes with it. Answers what is wrong with it, if that shows only now. */
  readonly apply?: (engine: Engine, value: string) => string | undefined;
  /** What it is now, where that is not kept here. */
  readonly show?: (engine: Engine) => string;
}

type Extras = Pick<Setting, "fixed" | "apply" | "show">;

export function flag(name: string, initial: "yes" | "no", extras: Extras = {}): Setting {
  return {
    name,
    initial,
    read: (value) => {
      const read = value.toLowerCase();
      return read === "yes" || read === "no" ? { value: read } : { problem: "argument must be 'yes' or 'no'" };
    },
    ...extras,
  };
}

export function whole(name: string, initial: number, [min, max]: readonly [number, number], extras: Extras = {}): Setting {
  return {
    name,
    initial: String(initial),
    read: (text) => {
      if (!/^-?\d{1,18}$/.test(text)) return { problem: "argument couldn't be parsed into an integer" };
      return within(Number(text), min, max);
    },
    ...extras,
  };
}

const units: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Bytes, with a unit if one likes: `100mb`. */
export function memory(name: string, initial: number, [min, max]: readonly [number, number], extras: Extras = {}): Setting {
  return {
    name,
    initial: String(initial),
    read: (text) => {
      const [, digits, unit = ""] = /^(\d{1,18})([a-z]*)$/i.exec(text) ?? [];
      const factor = units[unit.toLowerCase()];
      if (digits === undefined || factor === undefined) return { problem: "argument must be a memory value" };
      return within(Number(digits) * factor, min, max);
    },
    ...extras,
  };
}

export function choice(name: string, initial: string, choices: readonly string[], extras: Extras = {}): Setting {
  return {
    name,
    initial,
    read: (text) => {
      const chosen = choices.find((each) => each === text.toLowerCase());
      if (chosen !== undefined) return { value: chosen };
      return { problem: `argument(s) must be one of the following: ${choices.join(", ")}` };
    },
    ...extras,
  };
}

export function text(name: string, initial: string, extras: Extras = {}): Setting {
  return { name, initial, read: (value) => ({ value }), ...extras };
}

/** What is decided when the engine is made. */
export function constant(name: string, initial: string, show?: (engine: Engine) => string): Setting {
  return { ...text(name, initial, show === undefined ? {} : { show }), immutable: true };
}

function within(value: number, min: number, max: number): { readonly value: string } | { readonly problem: string } {
  if (value >= min && value <= max) return { value: String(value) };
  return { problem: `argument must be between ${min} and ${bound(max)} inclusive` };
}

/** The greatest integer of 64 bits is none that a number can hold. */
function bound(max: number): string {
  return max === 2 ** 63 ? "9223372036854775807" : String(max);
}
