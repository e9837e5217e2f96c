import type { Expression, Node, ReturnStatement, Statement, TableConstructorExpression } from "luaparse";
import type { Analysis } from "./analysis.ts";
import { asCall, pathOf } from "./lua-syntax.ts";

/** One thing that a `return` can stand for. */
export type Leaf =
  /** A table, with whether the code goes on to fill it. */
  | { readonly form: "table"; readonly node: TableConstructorExpression; readonly grows: boolean }
  /** An error or status reply, which no header declares. */
  | { readonly form: "signal"; readonly node: Node }
  | { readonly form: "value"; readonly node: Expression }
  /** `return` with nothing behind it. */
  | { readonly form: "nothing"; readonly node: Node }
  | { readonly form: "unknown"; readonly node: Node };

/** Follows an expression through locals, `and … or …` and local functions to what is returned in the end. */
export function leavesOf(analysis: Analysis, node: Expression, depth = 0): readonly Leaf[] {
  if (depth > 12) return [{ form: "unknown", node }];
  if (node.type === "TableConstructorExpression")
    return isSignal(node) ? [{ form: "signal", node }] : [{ form: "table", node, grows: false }];
  if (node.type === "LogicalExpression") {
    const right = leavesOf(analysis, node.right, depth + 1);
    if (node.operator === "or") return [...leavesOf(analysis, node.left, depth + 1).filter((leaf) => !isFalse(leaf)), ...right];
    // `condition and value` is `value`, or the condition where that is false or nil.
    return node.left.type === "BooleanLiteral" || node.left.type === "NilLiteral" ? [{ form: "value", node: node.left }] : right;
  }
  if (node.type === "Identifier") {
    const variable = analysis.scopes.variableOf(node);
    if (variable === undefined) return [{ form: "unknown", node }];
    const grows = variable.memberWrites.length > 0 || analysis.handedOn(variable);
    return analysis.scopes.valuesOf(node).flatMap((value): readonly Leaf[] => {
      if (typeof value === "string") return [{ form: "unknown", node }];
      return leavesOf(analysis, value, depth + 1).map((leaf) =>
        leaf.form === "table" ? { ...leaf, grows: leaf.grows || grows } : leaf,
      );
    });
  }
  const call = asCall(node);
  if (call === undefined) return [{ form: "value", node }];
  if (/^(?:redis\.(?:error_reply|status_reply)|error)$/.test(pathOf(call.base) ?? "")) return [{ form: "signal", node }];
  const callee = analysis.calleeOf(call);
  if (callee === undefined) return [{ form: "value", node }];
  const returns = analysis.returnsOf(callee);
  return returns.length === 0
    ? [{ form: "unknown", node }]
    : returns.flatMap((each) => leavesOfReturn(analysis, each, depth + 1));
}

/** What one `return` statement can answer; only its first value counts. */
export function leavesOfReturn(analysis: Analysis, node: ReturnStatement, depth = 0): readonly Leaf[] {
  const [first] = node.arguments;
  return first === undefined ? [{ form: "nothing", node }] : leavesOf(analysis, first, depth);
}

function isSignal(node: TableConstructorExpression): boolean {
  const [field] = node.fields;
  return node.fields.length === 1 && field?.type === "TableKeyString" && /^(?:err|ok)$/.test(field.key.name);
}

/** `nil` and `false` on the left of `or` never come out of it. */
function isFalse(leaf: Leaf): boolean {
  return leaf.form === "value" && (leaf.node.type === "NilLiteral" || (leaf.node.type === "BooleanLiteral" && !leaf.node.value));
}

/** Whether every way through a block ends in `return` or `error`. */
export function alwaysReturns(body: readonly Statement[]): boolean {
  const last = body.at(-1);
  if (last === undefined) return false;
  if (last.type === "ReturnStatement") return true;
  if (last.type === "DoStatement") return alwaysReturns(last.body);
  if (last.type === "IfStatement")
    return last.clauses.at(-1)?.type === "ElseClause" && last.clauses.every((clause) => alwaysReturns(clause.body));
  return last.type === "CallStatement" && pathOf(asCall(last.expression)?.base ?? last) === "error";
}
