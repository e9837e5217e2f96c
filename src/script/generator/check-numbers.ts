import type { Expression } from "luaparse";
import { type Analysis, follow, type Refuse } from "./analysis.ts";
import { asCall, pathOf, walk } from "./lua-syntax.ts";
import { isNumber, type KindsOf } from "./value-kinds.ts";

/** Commands that answer one item for each that was asked for, with `false` in the place of what is missing. */
const itemByItem = /^(?:HMGET|MGET|ZMSCORE|GEOPOS|GEOHASH|HGETDEL|HGETEX)$/;

/** Refuses comparing a reply with nil, and writing a number in a way that loses digits. */
export function checkNumbers(analysis: Analysis, kindsOf: KindsOf, refuse: Refuse): void {
  const losesDigits = (node: Expression): boolean => [...kindsOf(node)].some((kind) => isNumber(kind) && kind !== "small");
  const format = (node: Expression): string => (kindsOf(node).has("fraction") ? '"%.17g"' : '"%.0f"');
  walk(analysis.tree, (node) => {
    if (node.type === "BinaryExpression" && (node.operator === "==" || node.operator === "~=")) {
      const other = node.left.type === "NilLiteral" ? node.right : node.right.type === "NilLiteral" ? node.left : undefined;
      if (other !== undefined && isReply(analysis, other)) {
        const instead = node.operator === "==" ? '"not value"' : '"value"';
        refuse(
          node,
          "nil-compare",
          `what is missing in Redis is false, never nil, so this is always ${node.operator === "~="}: write ${instead}`,
        );
      }
    }
    if (node.type === "BinaryExpression" && node.operator === "..") {
      for (const side of [node.left, node.right]) {
        if (losesDigits(side))
          refuse(side, "lost-digits", `a number joined with ".." keeps 14 digits: join string.format(${format(side)}, number)`);
      }
    }
    const call = asCall(node);
    const [first, ...others] = call?.args ?? [];
    const path = call === undefined ? undefined : pathOf(call.base);
    if (first === undefined) return;
    if (path === "tostring" && losesDigits(first)) {
      refuse(node, "lost-digits", `tostring keeps 14 digits of a number: write string.format(${format(first)}, number)`);
    }
    if (path === "string.format" && first.type === "StringLiteral") {
      for (const [index, [mark]] of [...first.value.matchAll(/%(?!%)[-+ #0]*\d*(?:\.\d+)?([a-zA-Z])|%%/g)]
        .filter(([mark]) => mark !== "%%")
        .entries()) {
        const value = others[index];
        if (mark?.endsWith("s") && value !== undefined && losesDigits(value)) {
          refuse(value, "lost-digits", `"%s" keeps 14 digits of a number: write ${format(value)} in its place`);
        }
      }
    }
  });
}

/** Whether an expression is what Redis answered, and so never nil. */
function isReply(analysis: Analysis, node: Expression): boolean {
  const target = follow(analysis, node);
  if (target.type === "Identifier") {
    const values = analysis.scopes.valuesOf(target);
    return values.length > 0 && values.every((value) => typeof value === "object" && analysis.commandCallOf(value) !== undefined);
  }
  if (target.type === "IndexExpression") {
    const call = analysis.commandCallOf(follow(analysis, target.base));
    return call !== undefined && call.names.length > 0 && call.names.every((name) => itemByItem.test(name));
  }
  return analysis.commandCallOf(target) !== undefined;
}
