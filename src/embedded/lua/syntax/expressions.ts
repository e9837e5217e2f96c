import { logical, reckoned, withoutBrackets } from "./constant.ts";
import type { Parser } from "./parser.ts";
import type { BinaryOperator, CallExpression, Expression, TableItem } from "./tree.ts";

/** How tightly the binary operators bind, to the left and to the right: `..` and `^` group to the right. */
const PRIORITIES: Readonly<Record<string, readonly [number, number]>> = {
  or: [1, 1],
  and: [2, 2],
  "<": [3, 3],
  ">": [3, 3],
  "<=": [3, 3],
  ">=": [3, 3],
  "~=": [3, 3],
  "==": [3, 3],
  "..": [5, 4],
  "+": [6, 6],
  "-": [6, 6],
  "*": [7, 7],
  "/": [7, 7],
  "%": [7, 7],
  "^": [10, 9],
};
const UNARY_PRIORITY = 8;

/** How many values of a function Lua can hold at once: its variables and those of a list that it works on. */
const REGISTERS_MAX = 250;

/** Reads `expression {, expression}`. `held` values stand in front of them. */
export function expressionList(parser: Parser, held = 0): Expression[] {
  const list = [expression(parser)];
  while (parser.lexer.skip(",")) {
    if (parser.scope.open() + held + list.length >= REGISTERS_MAX) {
      throw parser.lexer.unexpected("function or expression too complex");
    }
    list.push(expression(parser));
  }
  return list;
}

/** Reads an expression whose operators bind more tightly than `limit`. */
export function expression(parser: Parser, limit = 0): Expression {
  const { lexer } = parser;
  parser.enter();
  let left = operand(parser);
  for (let links = 0; ; links++) {
    parser.checkLinks(links);
    const operator = lexer.kind === "symbol" || lexer.kind === "keyword" ? lexer.text : "";
    const priority = Object.hasOwn(PRIORITIES, operator) ? PRIORITIES[operator] : undefined;
    if (priority === undefined || priority[0] <= limit) break;
    lexer.advance();
    const right = expression(parser, priority[1]);
    left = combine(operator, left, right, lexer.lastLine);
  }
  parser.leave();
  return left;
}

function combine(operator: string, left: Expression, right: Expression, line: number): Expression {
  if (operator === "and" || operator === "or") return logical(operator, left, right);
  if (operator === "..") {
    return { type: "concat", operands: right.type === "concat" ? [left, ...right.operands] : [left, right], line };
  }
  return reckoned(operator, left, right) ?? { type: "binary", operator: operator as BinaryOperator, left, right, line };
}

function operand(parser: Parser): Expression {
  const { lexer } = parser;
  if (lexer.skip("not")) return { type: "not", operand: expression(parser, UNARY_PRIORITY) };
  if (lexer.is("-") || lexer.is("#")) {
    const operator = lexer.text as "-" | "#";
    lexer.advance();
    const inner = expression(parser, UNARY_PRIORITY);
    const constant = withoutBrackets(inner);
    if (operator === "-" && constant.type === "number") return { type: "number", value: -constant.value };
    return { type: "unary", operator, operand: inner, line: lexer.lastLine };
  }
  return simple(parser);
}

function simple(parser: Parser): Expression {
  const { lexer } = parser;
  switch (lexer.kind) {
    case "number": {
      const { number } = lexer;
      lexer.advance();
      return { type: "number", value: number };
    }
    case "string":
      return text(parser);
    case "keyword":
      if (lexer.skip("nil")) return { type: "nil" };
      if (lexer.skip("true")) return { type: "boolean", value: true };
      if (lexer.skip("false")) return { type: "boolean", value: false };
      if (lexer.is("function")) {
        const { line } = lexer;
        lexer.advance();
        return { type: "function", body: parser.functionBody(false, line) };
      }
      break;
    default:
      if (lexer.is("{")) return table(parser);
      if (lexer.is("...")) return vararg(parser);
  }
  return suffixed(parser);
}

function vararg(parser: Parser): Expression {
  const { body } = parser.scope;
  if (!body.isVararg) throw parser.lexer.unexpected("cannot use '...' outside a vararg function");
  parser.lexer.advance();
  body.usesVararg = true;
  return { type: "vararg" };
}

function text(parser: Parser): Expression {
  const value = parser.lexer.text;
  parser.lexer.advance();
  return { type: "string", value };
}

/** Reads a name or an expression in brackets. */
function primary(parser: Parser): Expression {
  const { lexer } = parser;
  if (lexer.kind === "name") return variable(parser);
  const { line } = lexer;
  if (!lexer.skip("(")) throw lexer.unexpected("unexpected symbol");
  const inner = expression(parser);
  parser.close(")", "(", line);
  return { type: "paren", expression: inner };
}

/** Reads a name: a local in sight or a global. */
export function variable(parser: Parser): Expression {
  const name = parser.name();
  const found = parser.scope.find(name);
  if (found === undefined) return { type: "global", name, line: parser.lexer.lastLine };
  return { type: "local", variable: found, upvalue: found.owner !== parser.scope.body };
}

/** Reads a name and all that follows it: fields, indexes and calls. */
export function suffixed(parser: Parser): Expression {
  const { lexer } = parser;
  let left = primary(parser);
  for (let links = 0; ; links++) {
    parser.checkLinks(links);
    if (lexer.is(".")) left = field(parser, left);
    else if (lexer.is("[")) {
      const key = bracketed(parser);
      left = { type: "index", object: left, key, line: lexer.lastLine };
    } else if (lexer.is(":")) {
      lexer.advance();
      const name = parser.name();
      const { line } = lexer;
      left = { type: "method", object: left, name, args: argumentList(parser), line };
    } else if (lexer.is("(") || lexer.is("{") || lexer.kind === "string") left = call(parser, left);
    else return left;
  }
}

function call(parser: Parser, callee: Expression): CallExpression {
  const { line } = parser.lexer;
  return { type: "call", callee, args: argumentList(parser), line };
}

/** Reads `.name`. */
export function field(parser: Parser, object: Expression): Expression {
  parser.lexer.advance();
  const name = parser.name();
  return { type: "index", object, key: { type: "string", value: name }, line: parser.lexer.lastLine };
}

function bracketed(parser: Parser): Expression {
  parser.lexer.advance();
  const key = expression(parser);
  parser.expect("]");
  return key;
}

function argumentList(parser: Parser): readonly Expression[] {
  const { lexer } = parser;
  if (lexer.kind === "string") return [text(parser)];
  if (lexer.is("{")) return [table(parser)];
  if (!lexer.is("(")) throw lexer.unexpected("function arguments expected");
  const { line } = lexer;
  if (line !== lexer.lastLine) throw lexer.unexpected("ambiguous syntax (function call x new statement)");
  lexer.advance();
  if (lexer.skip(")")) return [];
  const args = expressionList(parser, 1);
  parser.close(")", "(", line);
  return args;
}

function table(parser: Parser): Expression {
  const { lexer } = parser;
  const { line } = lexer;
  const items: TableItem[] = [];
  parser.expect("{");
  while (!lexer.is("}")) {
    items.push(item(parser));
    if (!lexer.skip(",") && !lexer.skip(";")) break;
  }
  parser.close("}", "{", line);
  return { type: "table", items, line: lexer.lastLine };
}

function item(parser: Parser): TableItem {
  const { lexer } = parser;
  if (lexer.kind === "name" && lexer.isFollowedByEqualSign()) {
    const key: Expression = { type: "string", value: parser.name() };
    parser.expect("=");
    return itemOf(parser, key);
  }
  if (!lexer.is("[")) return itemOf(parser, undefined);
  const key = bracketed(parser);
  parser.expect("=");
  return itemOf(parser, key);
}

function itemOf(parser: Parser, key: Expression | undefined): TableItem {
  const value = expression(parser);
  return { key, value, line: parser.lexer.lastLine };
}
