import type { Expression, FunctionDeclaration, Node, ReturnStatement } from "luaparse";
import { asCall, type Call, lineOf, pathOf, walk } from "./lua-syntax.ts";
import type { Rule } from "./rules.ts";
import { resolveScopes, type Scopes } from "./scope.ts";
import type { Variable } from "./variable.ts";

/** A call of a Redis command. */
export interface CommandCall {
  readonly node: Node;
  readonly line: number;
  /** The command in capitals, or each that a choice between literals can be; empty if it is not written out. */
  readonly names: readonly string[];
  /** What follows the name. */
  readonly args: readonly Expression[];
  /** Whether the last argument may stand for any number of words. */
  readonly open: boolean;
}

/** Reports what is wrong at a node. */
export type Refuse = (node: Node, rule: Rule, message: string) => void;

/** What the checks ask about a piece of Lua. */
export interface Analysis {
  readonly tree: Node;
  readonly scopes: Scopes;
  readonly commandCalls: readonly CommandCall[];
  /** The command call that an expression is, if it is one. */
  readonly commandCallOf: (node: Node) => CommandCall | undefined;
  /** The local function that a call calls. */
  readonly calleeOf: (call: Call) => FunctionDeclaration | undefined;
  /** Every call of a local function. */
  readonly callsOf: (target: Node) => readonly Call[];
  /** Whether a variable is an argument of a call, which may fill the table that it holds. */
  readonly handedOn: (variable: Variable) => boolean;
  /** Whether an expression at the end of a list may stand for any number of values. */
  readonly mayExpand: (node: Expression | undefined) => boolean;
  /** What a function returns: its `return` statements, but not those of functions inside it. */
  readonly returnsOf: (body: Node) => readonly ReturnStatement[];
}

/** Prepares a piece of Lua for the checks. */
export function analyze(tree: Node): Analysis {
  const scopes = resolveScopes(tree);
  const commandCalls = new Map<Node, CommandCall>();
  const calls = new Map<Node, Call[]>();
  const returns = new Map<Node, ReturnStatement[]>();
  const handedOn = new Set<Variable>();

  const calleeOf = (call: Call): FunctionDeclaration | undefined => {
    const values = scopes.valuesOf(call.base);
    const [only] = values;
    return values.length === 1 && typeof only === "object" && only.type === "FunctionDeclaration" ? only : undefined;
  };
  const mayExpand = (node: Expression | undefined): boolean => {
    if (node === undefined) return false;
    if (node.type === "VarargLiteral") return true;
    const call = asCall(node);
    if (call === undefined) return false;
    const callee = calleeOf(call);
    if (callee === undefined)
      return !/^(?:tonumber|tostring|type|redis\.\w+|math\.(?!frexp|modf)\w+|string\.(?!byte|find|match|gsub)\w+|cjson\.\w+|table\.\w+|struct\.pack)$/.test(
        pathOf(call.base) ?? "",
      );
    return (returns.get(callee) ?? []).some(
      ({ arguments: values }) => values.length !== 1 || asCall(values[0] as Expression) !== undefined,
    );
  };

  walk(tree, (node, parents) => {
    const call = asCall(node);
    const target = call === undefined ? undefined : calleeOf(call);
    if (call !== undefined && target !== undefined) calls.set(target, [...(calls.get(target) ?? []), call]);
    for (const variable of call?.args.map((each) => scopes.variableOf(each)) ?? [])
      if (variable !== undefined) handedOn.add(variable);
    if (node.type !== "ReturnStatement") return;
    const body = parents.findLast((each) => each.type === "FunctionDeclaration") ?? tree;
    returns.set(body, [...(returns.get(body) ?? []), node]);
  });
  walk(tree, (node) => {
    const call = asCall(node);
    if (call === undefined || !/^redis\.p?call$/.test(pathOf(call.base) ?? "")) return;
    const [name, ...args] = call.args;
    const names = choices(name)?.map((each) => each.toUpperCase()) ?? [];
    commandCalls.set(node, { node, line: lineOf(node), names, args, open: mayExpand(call.args.at(-1)) });
  });
  return {
    tree,
    scopes,
    commandCalls: [...commandCalls.values()],
    commandCallOf: (node) => commandCalls.get(node),
    calleeOf,
    handedOn: (variable) => handedOn.has(variable),
    mayExpand,
    callsOf: (target) => calls.get(target) ?? [],
    returnsOf: (body) => returns.get(body) ?? [],
  };
}

/** The texts that an expression can be: a literal, or a choice between literals. */
export function choices(node: Expression | undefined): readonly string[] | undefined {
  if (node?.type === "StringLiteral") return [node.value];
  if (node?.type !== "LogicalExpression") return undefined;
  const left = node.operator === "and" ? [] : choices(node.left);
  const right = choices(node.right);
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

/** What a name stands for where it is used, if that is one expression. */
export function onlyValue(analysis: Analysis, node: Node): Expression | undefined {
  const values = analysis.scopes.valuesOf(node);
  const [value] = values;
  return values.length === 1 && typeof value === "object" ? value : undefined;
}

/** An expression, followed through locals that stand for one thing. */
export function follow(analysis: Analysis, node: Expression): Expression {
  let current = node;
  for (let steps = 0; steps < 20 && current.type === "Identifier"; steps++) {
    const value = onlyValue(analysis, current);
    if (value === undefined) return current;
    current = value;
  }
  return current;
}

/** Whether an expression is the global `KEYS` or `ARGV`, or a local that stands for it. */
export function isInputList(analysis: Analysis, node: Expression, list: "KEYS" | "ARGV"): boolean {
  const target = follow(analysis, node);
  return target.type === "Identifier" && target.name === list && analysis.scopes.variableOf(target) === undefined;
}

/** `n` of `KEYS[n]` or `ARGV[n]`, if it is written out. */
export function inputIndex(analysis: Analysis, node: Node, list: "KEYS" | "ARGV"): number | undefined {
  if (node.type !== "IndexExpression" || !isInputList(analysis, node.base, list)) return undefined;
  return node.index.type === "NumericLiteral" ? node.index.value : undefined;
}
