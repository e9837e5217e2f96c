import { nearest } from "../../core/index.ts";
import type { LuaFile } from "./lua-file.ts";
import { lineOf } from "./lua-syntax.ts";
import { type Report, type Rule, rules } from "./rules.ts";

interface Allowance {
  readonly rule: string;
  /** The line that it speaks of. */
  readonly line: number;
  /** The line that it stands on. */
  readonly at: number;
  used: boolean;
}

/**
 * Runs the checks and lets pass what a line allows with `-- redlua: allow <rule> because <reason>`, written behind
 * the line or on a line of its own above it. An exception without a reason, for no rule or for nothing is refused too.
 */
export function applyAllowances(file: LuaFile, report: Report, check: (report: Report) => void): void {
  const allowances = readAllowances(file, report);
  check((line, rule, message) => {
    const allowance = allowances.find((each) => each.line === line && each.rule === rule);
    if (allowance === undefined) report(line, rule, message);
    else allowance.used = true;
  });
  for (const { rule, at, used } of allowances) {
    if (!used) report(at, "allow", `nothing on this line breaks "${rule}": take the exception out`);
  }
}

function readAllowances(file: LuaFile, report: Report): readonly Allowance[] {
  const names = Object.keys(rules) as Rule[];
  const lines = file.bytes.split("\n");
  return file.comments.flatMap((comment) => {
    const said = /^-*\s*redlua:\s*(.*)$/.exec(comment.value)?.[1];
    if (said === undefined) return [];
    const at = lineOf(comment);
    const [, rule, reason] = /^allow\s+([\w-]+)(?:\s+because\s+(\S.*))?\s*$/.exec(said) ?? [];
    if (rule === undefined || reason === undefined) {
      report(at, "allow", 'an exception gives its reason: "-- redlua: allow <rule> because <reason>"');
      return [];
    }
    if (!names.some((name) => name === rule)) {
      const near = nearest(rule, names);
      report(at, "allow", `there is no rule "${rule}".${near === undefined ? "" : ` Did you mean "${near}"?`}`);
      return [];
    }
    const alone = /^\s*--/.test(lines[at - 1] ?? "");
    return [{ rule, line: alone ? at + 1 : at, at, used: false }];
  });
}
