/**
 * Reads Lua 5.1 source into a tree whose names are resolved, with Lua's own syntax errors.
 *
 * @module
 */
export { calleeName, compiledOperands, constantOf, describe, isAtom, isMultiple, isSettled, kindOf } from "./inspect.ts";
export { parse } from "./parser.ts";
export type {
  CallExpression,
  Chunk,
  Expression,
  FunctionBody,
  IndexExpression,
  Place,
  Statement,
  TableItem,
  Target,
  ValueKind,
  Variable,
} from "./tree.ts";
