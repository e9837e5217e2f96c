import type { KeyKind } from "../index.ts";
import { commandLines, forbiddenNames } from "./command-lines.ts";

/** What the checks know of a command. */
export interface Command {
  readonly name: string;
  /** Words that it takes, its name among them. */
  readonly wordsMin: number;
  readonly wordsMax: number;
  /** Whether a read-only script may not call it. */
  readonly writes: boolean;
  /** What its keys hold; `any` if it takes keys of every kind. */
  readonly kind: KeyKind;
  /** Which of its words are keys, if that does not depend on the call: the name is word 0, the last word is -1. */
  readonly keys: { readonly first: number; readonly last: number; readonly step: number } | undefined;
}

/** Every command that a script may call, by its name in capitals. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries(commandLines).flatMap(([kind, lines]) =>
    lines.split(";").map((line) => readCommand(line.trim(), kind as KeyKind)),
  ),
);

/** Commands that exist, but not for scripts. */
export const forbidden: ReadonlySet<string> = new Set(forbiddenNames);

/** What to write in place of a command that scripts may not call, where there is something. */
export const insteadOf: Readonly<Partial<Record<string, string>>> = {
  BLPOP: "LPOP",
  BRPOP: "RPOP",
  BLMOVE: "LMOVE",
  BRPOPLPUSH: "LMOVE",
  BLMPOP: "LMPOP",
  BZPOPMIN: "ZPOPMIN",
  BZPOPMAX: "ZPOPMAX",
  BZMPOP: "ZMPOP",
};

/** The places of the keys among the arguments of a call (the name is not an argument). */
export function keyPositions(command: Command, args: number): readonly number[] {
  if (command.keys === undefined) return [];
  const { first, last, step } = command.keys;
  const positions: number[] = [];
  for (let word = first; word <= (last < 0 ? args + 1 + last : last) && word <= args; word += step) positions.push(word - 1);
  return positions;
}

function readCommand(line: string, kind: KeyKind): [string, Command] {
  const [name = "", arity = "", mode = "", first, last, step] = line.split(/\s+/);
  const words = Math.abs(Number(arity));
  const keys = first === undefined ? undefined : { first: Number(first), last: Number(last), step: Number(step) };
  return [
    name,
    { name, wordsMin: words, wordsMax: Number(arity) < 0 ? Number.POSITIVE_INFINITY : words, writes: mode === "w", kind, keys },
  ];
}
