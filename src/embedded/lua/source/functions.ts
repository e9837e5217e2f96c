import type { FunctionBody, Statement } from "../syntax/index.ts";
import { Frame } from "./frame.ts";
import { nameOf } from "./names.ts";

/** Functions nested deeper than this are written once, as generators: written twice they would double with each level. */
const TWICE_DEPTH_MAX = 3;

/** JavaScript for a function inside another. */
export function functionCode(outer: Frame, body: FunctionBody): string {
  const { sites, writer, mayYield, depth } = outer;
  if (!mayYield) return writeFunction(new Frame(body, sites, { writer, generator: false, mayYield, depth: depth + 1 }));
  const generator = writeFunction(new Frame(body, sites, { writer, generator: true, mayYield, depth: depth + 1 }));
  if (depth >= TWICE_DEPTH_MAX) return `fromGenerator(${generator})`;
  const plain = writeFunction(new Frame(body, sites, { writer, generator: false, mayYield, depth: depth + 1 }));
  return `withGenerator(${plain},${generator})`;
}

/** JavaScript for a function expression. */
export function writeFunction(frame: Frame): string {
  const { body } = frame;
  const parameters = body.parameters.map(nameOf);
  if (body.isVararg) parameters.push("...va");
  const arg = body.argTable;
  const argCode = arg === undefined ? "" : `let ${nameOf(arg)}=${body.usesVararg ? "undefined" : "argTable(va)"};`;
  const block = frame.writer.block(frame, body.block);
  const code = `${argCode}${block}${leaves(body.block) ? "" : "return NONE;"}`;
  const temporaries = Array.from({ length: frame.temporariesMax }, (_, at) => `t${at}`);
  const locals = frame.marks > 0 ? ["L=0", ...temporaries] : temporaries;
  if (frame.hasLoops) locals.push("turns=0");
  // What calls nothing and raises nothing has no way to go on for ever, loops apart, so it need not count.
  const entry = frame.marks > 0 ? "if(--rt.steps<0)rt.exhausted();" : "";
  const declared = locals.length === 0 ? "" : `let ${locals.join(",")};`;
  const guarded = frame.marks > 0 ? `try{${code}}catch(e){throw passed(e,sites,L);}` : code;
  return `(function${frame.generator ? "*" : ""}(${parameters.join(",")}){${declared}${entry}${guarded}})`;
}

/** Whether the block's last statement leaves it. */
export function leaves(block: readonly Statement[]): boolean {
  const last = block.at(-1)?.type;
  return last === "return" || last === "break";
}
