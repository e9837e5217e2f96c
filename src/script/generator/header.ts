import type { KeyKind, Type, Writes } from "../index.ts";

/** A key that a header declares. */
export interface KeyDeclaration {
  /** As Lua calls it: `job_row`. */
  readonly name: string;
  /** As TypeScript calls it: `jobRow`. */
  readonly property: string;
  readonly kind: KeyKind;
  /** One key, the beginning of keys that the script completes, or all further keys. */
  readonly form: "one" | "prefix" | "rest";
  readonly doc: string;
  readonly line: number;
}

/** An argument that a header declares. */
export interface ArgDeclaration {
  readonly name: string;
  readonly property: string;
  readonly type: Type;
  /** Whether it is all that is left of `ARGV`. */
  readonly rest: boolean;
  readonly doc: string;
  readonly line: number;
}

/** One of several replies, told apart by its first word. */
export interface OutcomeDeclaration {
  readonly word: string;
  readonly fields: { readonly [property: string]: Type };
  readonly doc: string;
  readonly line: number;
}

/** What a script answers: a value of one type, or one of several outcomes. */
export type ReplyDeclaration =
  | { readonly form: "plain"; readonly type: Type; readonly doc: string; readonly line: number }
  | { readonly form: "outcomes"; readonly outcomes: readonly OutcomeDeclaration[] };

/** The header of a script, read. */
export interface Header {
  readonly doc: string;
  readonly keys: readonly KeyDeclaration[];
  readonly args: readonly ArgDeclaration[];
  readonly reply: ReplyDeclaration;
  readonly writes: Writes;
}
