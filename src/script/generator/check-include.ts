import type { Statement } from "luaparse";
import { applyAllowances } from "./allowance.ts";
import { analyze, type Refuse } from "./analysis.ts";
import { checkCommands } from "./check-commands.ts";
import { checkLoops } from "./check-loops.ts";
import { checkNumbers } from "./check-numbers.ts";
import { checkSandbox } from "./check-sandbox.ts";
import { withoutRepeats } from "./check-script.ts";
import type { LuaFile } from "./lua-file.ts";
import { lineOf, walk } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";
import { findGlobals } from "./scope.ts";
import { kindsIn } from "./value-kinds.ts";

/**
 * Checks that an include is pure: local functions that use their parameters, each other, and Redis' sandbox.
 *
 * @param borrowed functions of the includes that it includes
 * @returns the names of its functions
 */
export function checkInclude(file: LuaFile, borrowed: readonly string[], report: Report): readonly string[] {
  const functions: string[] = [];
  for (const statement of file.tree.body) {
    if (statement.type === "FunctionDeclaration" && statement.isLocal && statement.identifier?.type === "Identifier") {
      functions.push(statement.identifier.name);
    } else report(lineOf(statement), "include", `an include holds nothing but "local function"s: ${advice(statement.type)}`);
  }
  for (const { node, written } of findGlobals(file.tree)) {
    const { name } = node;
    if (name === "KEYS" || name === "ARGV") {
      report(lineOf(node), "include", `an include does not know ${name}: take what it needs as a parameter`);
    } else if (!written && !borrowed.includes(name)) {
      report(
        lineOf(node),
        "include",
        `"${name}" is not a parameter of this function, nor a function of this file: take it as a parameter`,
      );
    } else if (written) report(lineOf(node), "include", `"${name}" is a global: write "local ${name}"`);
  }
  checkBody(file, report);
  walk(file.tree, (node) => {
    if (node.type === "StringLiteral" && node.loc?.start.line !== node.loc?.end.line) {
      report(lineOf(node), "include", 'a text over several lines cannot be folded onto one: write "\\n" where a line ends');
    }
  });
  return functions;
}

/** The rules that need no header. */
function checkBody(file: LuaFile, reportAll: Report): void {
  const report = withoutRepeats(reportAll);
  const analysis = analyze(file.tree);
  applyAllowances(file, report, (gather) => {
    const refuse: Refuse = (node, rule, message) => gather(lineOf(node), rule, message);
    // A name that is not known is a parameter that was forgotten, which is said already.
    checkSandbox(analysis, (node, rule, message) => {
      if (node.type !== "Identifier") refuse(node, rule, message);
    });
    checkNumbers(analysis, kindsIn(analysis, undefined), refuse);
    checkCommands(analysis, refuse);
    checkLoops(analysis, { keys: true, args: true }, refuse);
  });
}

function advice(type: Statement["type"]): string {
  return type === "FunctionDeclaration" ? 'write "local" before this function' : "move this into a function, or into the scripts";
}
