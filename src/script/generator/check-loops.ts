import type { Expression, Node, RepeatStatement, WhileStatement } from "luaparse";
import { type Analysis, follow, isInputList, type Refuse } from "./analysis.ts";
import { answersAll } from "./check-commands.ts";
import { asCall, pathOf, rangeOf, walk } from "./lua-syntax.ts";

/** Refuses loops that nothing limits, and `unpack` of a list that may be longer than Lua's stack. */
export function checkLoops(
  analysis: Analysis,
  inputsOpen: { readonly keys: boolean; readonly args: boolean },
  refuse: Refuse,
): void {
  walk(analysis.tree, (node) => {
    if (node.type === "WhileStatement" || node.type === "RepeatStatement") {
      if (!countsToLimit(analysis, node)) {
        refuse(
          node,
          "loop-unbounded",
          'nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end"',
        );
      }
    } else if (node.type === "ForNumericStatement") {
      if (pathOf(node.end) === "math.huge")
        refuse(node, "loop-unbounded", "a loop to math.huge never ends: loop to a limit that arrives as an argument");
      else if (node.end.type === "UnaryExpression" && node.end.operator === "#") {
        checkLength(analysis, node, node.end.argument, refuse);
      }
    } else if (node.type === "ForGenericStatement") {
      const [list] = asCall(node.iterators[0] as Expression)?.args ?? [];
      if (list !== undefined) checkLength(analysis, node, list, refuse);
    } else if (asCall(node) !== undefined) checkUnpack(analysis, node, inputsOpen, refuse);
  });
}

/** Refuses a loop that is as long as a collection of any size. */
function checkLength(analysis: Analysis, loop: Node, list: Expression, refuse: Refuse): void {
  const call = analysis.commandCallOf(follow(analysis, list));
  if (call === undefined || !answersAll(call)) return;
  const [name] = call.names;
  refuse(
    loop,
    "loop-unbounded",
    `this loop is as long as ${name} answers, and that has no limit: read a part of it, up to a limit that arrives as an argument`,
  );
}

/** Whether the condition compares a local that the loop itself counts up or down. */
function countsToLimit(analysis: Analysis, loop: WhileStatement | RepeatStatement): boolean {
  const counted = new Set(
    loop.body
      .flatMap((statement) => assignmentsIn(statement))
      .filter(({ target, value }) => {
        const variable = analysis.scopes.variableOf(target);
        return (
          variable !== undefined &&
          value.type === "BinaryExpression" &&
          /^[-+]$/.test(value.operator) &&
          analysis.scopes.variableOf(value.left) === variable
        );
      })
      .map(({ target }) => analysis.scopes.variableOf(target)),
  );
  const bounds = (condition: Expression): boolean => {
    if (condition.type === "LogicalExpression") {
      // While both must hold, either limits the loop; an `until` is the other way round.
      const either = condition.operator === (loop.type === "WhileStatement" ? "and" : "or");
      return either ? bounds(condition.left) || bounds(condition.right) : bounds(condition.left) && bounds(condition.right);
    }
    if (condition.type !== "BinaryExpression" || !/^[<>]=?$|^[=~]=$/.test(condition.operator)) return false;
    return [condition.left, condition.right].some((side) => mentions(analysis, side, counted));
  };
  return bounds(loop.condition);
}

function mentions(analysis: Analysis, node: Expression, wanted: ReadonlySet<unknown>): boolean {
  let found = false;
  walk(node, (each) => {
    found ||= each.type === "Identifier" && wanted.has(analysis.scopes.variableOf(each));
  });
  return found;
}

function assignmentsIn(statement: Node): readonly { readonly target: Node; readonly value: Expression }[] {
  const found: { readonly target: Node; readonly value: Expression }[] = [];
  walk(statement, (node) => {
    if (node.type !== "AssignmentStatement") return;
    for (const [index, target] of node.variables.entries()) {
      const value = node.init[index];
      if (value !== undefined) found.push({ target, value });
    }
  });
  return found;
}

function checkUnpack(
  analysis: Analysis,
  node: Node,
  inputsOpen: { readonly keys: boolean; readonly args: boolean },
  refuse: Refuse,
): void {
  const call = asCall(node);
  if (call === undefined || pathOf(call.base) !== "unpack") return;
  const [list, from, to] = call.args;
  if (list === undefined) return;
  const chunk = 'in parts, "for i = first, #list, 1000 do … unpack(list, i, math.min(i + 999, #list)) … end"';
  const inputs = (["KEYS", "ARGV"] as const).find((name) => isInputList(analysis, list, name));
  const reply = analysis.commandCallOf(follow(analysis, list));
  if (inputs !== undefined) {
    if (!(inputs === "KEYS" ? inputsOpen.keys : inputsOpen.args)) return;
    const toEnd =
      to === undefined || (to.type === "UnaryExpression" && to.operator === "#" && isInputList(analysis, to.argument, inputs));
    if (toEnd) {
      refuse(
        node,
        "unpack-all",
        `the caller decides how long ${inputs} is, and unpack takes about 7,900 values${from === undefined ? "" : " at a time"}: go through it ${chunk}`,
      );
    }
  } else if (reply !== undefined && answersAll(reply)) {
    refuse(
      node,
      "unpack-all",
      `nothing limits what ${reply.names[0]} answers, and unpack takes about 7,900 values: go through it ${chunk}`,
    );
  }
}

/** Whether one part of the text lies in another. */
export function isInside(node: Node, ranges: readonly (readonly [number, number])[]): boolean {
  const [start] = rangeOf(node);
  return ranges.some(([from, to]) => from <= start && start < to);
}
