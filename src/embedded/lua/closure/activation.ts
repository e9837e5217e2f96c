import type { Runtime } from "../runtime.ts";
import type { LuaTable } from "../table.ts";
import type { LuaResult, LuaValue } from "../value.ts";

/** A variable that inner functions use: they and its owner hold the same box. */
export interface Box {
  value: LuaValue;
}

/** One call of a function: its variables, and where it stands. */
export class Activation {
  readonly rt: Runtime;
  readonly env: LuaTable;
  /** Variables that no inner function uses. */
  readonly values: LuaValue[] = [];
  /** Variables that inner functions use; a new box each time one is declared. */
  readonly boxes: Box[] = [];
  /** Boxes of the functions around it. */
  readonly upvalues: readonly Box[];
  readonly varargs: readonly LuaValue[];
  /** Call site it stands at, for errors that pass. */
  site = 0;
  /** What it returns, once a statement said so. */
  result: LuaResult = undefined;

  constructor(rt: Runtime, env: LuaTable, upvalues: readonly Box[], varargs: readonly LuaValue[]) {
    this.rt = rt;
    this.env = env;
    this.upvalues = upvalues;
    this.varargs = varargs;
  }
}

/** Gives the value of an expression. */
export type Evaluate = (at: Activation) => LuaValue;

/** Gives all values of an expression, bare or as a list. */
export type EvaluateAll = (at: Activation) => LuaResult;

/** Puts a value into a variable. */
export type Store = (at: Activation, value: LuaValue) => void;

/** What a statement leaves behind: the next one follows, the loop ends, or the function does. */
export type Outcome = 0 | 1 | 2;
export const NEXT = 0;
export const BREAK = 1;
export const RETURN = 2;

/** Carries out a statement. */
export type Execute = (at: Activation) => Outcome;

/** The same three where a call on the way may yield. */
export type Yielding<T> = Generator<readonly LuaValue[], T, readonly LuaValue[]>;
