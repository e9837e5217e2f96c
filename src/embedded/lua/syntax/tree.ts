/**
 * A local variable, known to the whole of its function once that is read.
 */
export interface Variable {
  readonly name: string;
  /** Unique in its chunk. */
  readonly id: number;
  readonly owner: FunctionBody;
  /** Given another value after its declaration. */
  assigned: boolean;
  /** Used by an inner function. */
  captured: boolean;
  /** What it always holds, where that is plain from the source: `number` for the counter of a loop. */
  kind: ValueKind;
}

/** What is known of a value before the program runs. */
export type ValueKind = "any" | "nil" | "boolean" | "number" | "string" | "table" | "function";

export interface FunctionBody {
  readonly parameters: Variable[];
  isVararg: boolean;
  /** Uses `...`. */
  usesVararg: boolean;
  /** The hidden local `arg` of a vararg function. It holds a table unless the function uses `...`. */
  argTable: Variable | undefined;
  readonly block: Statement[];
  /** The first zero among its constants, 0 or -0: Lua keeps one constant for both, so all zeros of the function are that one. */
  zero: number | undefined;
  readonly line: number;
  readonly parent: FunctionBody | undefined;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "^" | "==" | "~=" | "<" | "<=" | ">" | ">=";

export type CallExpression =
  | { readonly type: "call"; readonly callee: Expression; readonly args: readonly Expression[]; readonly line: number }
  | {
      readonly type: "method";
      readonly object: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
      readonly line: number;
    };

export type IndexExpression = {
  readonly type: "index";
  readonly object: Expression;
  readonly key: Expression;
  readonly line: number;
};

/** `line` is the line that Lua gives the operation in its errors. */
export type Expression =
  | { readonly type: "nil" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "vararg" }
  | { readonly type: "function"; readonly body: FunctionBody }
  | { readonly type: "local"; readonly variable: Variable; readonly upvalue: boolean }
  | { readonly type: "global"; readonly name: string; readonly line: number }
  | IndexExpression
  | CallExpression
  | {
      readonly type: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly line: number;
    }
  | { readonly type: "concat"; readonly operands: readonly Expression[]; readonly line: number }
  | { readonly type: "logical"; readonly operator: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly type: "not"; readonly operand: Expression }
  | { readonly type: "unary"; readonly operator: "-" | "#"; readonly operand: Expression; readonly line: number }
  | { readonly type: "table"; readonly items: readonly TableItem[]; readonly line: number }
  | { readonly type: "paren"; readonly expression: Expression };

/** An item without a key stands in the list. */
export interface TableItem {
  readonly key: Expression | undefined;
  readonly value: Expression;
  readonly line: number;
}

/** What can be assigned to. */
export type Target = Extract<Expression, { type: "local" | "global" | "index" }>;

export type Statement =
  | {
      readonly type: "local";
      readonly variables: readonly Variable[];
      readonly values: readonly Expression[];
      readonly line: number;
    }
  | {
      readonly type: "assign";
      readonly targets: readonly Target[];
      readonly values: readonly Expression[];
      readonly line: number;
    }
  | { readonly type: "call"; readonly call: CallExpression; readonly line: number }
  | { readonly type: "do"; readonly block: readonly Statement[]; readonly line: number }
  | { readonly type: "while"; readonly condition: Expression; readonly block: readonly Statement[]; readonly line: number }
  | { readonly type: "repeat"; readonly block: readonly Statement[]; readonly condition: Expression; readonly line: number }
  | {
      readonly type: "if";
      readonly branches: readonly { readonly condition: Expression; readonly block: readonly Statement[] }[];
      readonly otherwise: readonly Statement[] | undefined;
      readonly line: number;
    }
  | {
      readonly type: "numeric for";
      readonly variable: Variable;
      readonly start: Expression;
      readonly limit: Expression;
      readonly step: Expression | undefined;
      readonly block: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly type: "generic for";
      readonly variables: readonly Variable[];
      readonly values: readonly Expression[];
      readonly block: readonly Statement[];
      readonly line: number;
    }
  | { readonly type: "local function"; readonly variable: Variable; readonly body: FunctionBody; readonly line: number }
  | { readonly type: "return"; readonly values: readonly Expression[]; readonly line: number }
  | { readonly type: "break"; readonly line: number }
  /** Counts that the statement after it is reached: put in where {@link Chunk.places} are asked for. */
  | { readonly type: "count"; readonly place: number; readonly line: number };

/** Where a statement begins: line and byte of the line, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A whole chunk. */
export interface Chunk {
  readonly main: FunctionBody;
  /** Some name of the source could lead to a coroutine, so functions must be able to yield. */
  readonly mayYield: boolean;
  /** Where its statements begin, in the order of the source, if they are counted. */
  readonly places: readonly Place[] | undefined;
}
