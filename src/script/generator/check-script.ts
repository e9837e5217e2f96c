import { analyze, type Refuse } from "./analysis.ts";
import { checkCommands } from "./check-commands.ts";
import { checkInputs } from "./check-inputs.ts";
import { checkKeys, checkWrites } from "./check-keys.ts";
import { checkLoops, isInside } from "./check-loops.ts";
import { checkNumbers } from "./check-numbers.ts";
import { checkReplies } from "./check-replies.ts";
import { checkSandbox } from "./check-sandbox.ts";
import type { Header } from "./header.ts";
import { layOutArgs } from "./layout.ts";
import type { Blanked } from "./lua-file.ts";
import { lineOf, parseLua } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";
import { kindsIn } from "./value-kinds.ts";

/** Holds a script, with its includes in place, to every rule. */
export function checkScript(assembled: Blanked, header: Header, reportAll: Report): void {
  const parsed = parseLua(assembled.bytes);
  if (!parsed.ok) {
    reportAll(parsed.line, "syntax", `with its includes in place this is not Lua 5.1: ${parsed.message}`);
    return;
  }
  const report = withoutRepeats(reportAll);
  const analysis = analyze(parsed.tree);
  const layout = layOutArgs(header.args);
  const kindsOf = kindsIn(analysis, layout);
  const inputsOpen = { keys: header.keys.some(({ form }) => form === "rest"), args: layout.open !== undefined };

  const anywhere: Refuse = (node, rule, message) => report(lineOf(node), rule, message);
  // What an include does wrong by itself is said where the include is.
  const here: Refuse = (node, rule, message) => {
    if (!isInside(node, assembled.inserted)) anywhere(node, rule, message);
  };
  checkSandbox(analysis, here);
  checkNumbers(analysis, kindsOf, here);
  checkCommands(analysis, here);
  checkLoops(analysis, inputsOpen, here);
  checkInputs(analysis, header, report, here);
  checkKeys(analysis, header, anywhere);
  checkWrites(analysis, header, anywhere);
  checkReplies(analysis, header, kindsOf, report, anywhere);
}

/** One problem is said once, however many ways lead to it. */
export function withoutRepeats(report: Report): Report {
  const said = new Set<string>();
  return (line, rule, message) => {
    const key = `${line} ${rule} ${message}`;
    if (said.has(key)) return;
    said.add(key);
    report(line, rule, message);
  };
}
