import { basename, dirname, resolve } from "node:path";
import { applyAllowances } from "./allowance.ts";
import { checkScript } from "./check-script.ts";
import { type CompiledScript, interfaceName } from "./emitter.ts";
import { parseHeader } from "./header-parser.ts";
import { type IncludeResolver, includeName } from "./include-resolver.ts";
import { type Blanked, blankComments, fromBytes, type LuaFile } from "./lua-file.ts";
import { rangeOf } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";

/** Words that cannot name an exported constant, or whose interface would hide a type that generated files use. */
const reserved = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements " +
    "import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var " +
    "void while with yield arguments eval script defineScript date duration uint8Array undefined"
  ).split(" "),
);

/** Turns one file into a script. Everything that is wrong with it is reported; then there is no script. */
export function compileScript(file: LuaFile, includes: IncludeResolver, reportAll: Report): CompiledScript | undefined {
  let sound = true;
  const report: Report = (line, rule, message) => {
    sound = false;
    reportAll(line, rule, message);
  };
  const { name, symbol } = nameScript(file.path, report);
  const header = parseHeader(file.text, report);
  const assembled = assemble(file, includes, report);
  if (assembled === undefined) return undefined;
  if (header !== undefined) applyAllowances(file, report, (gather) => checkScript(assembled, header, gather));
  return sound && header !== undefined ? { name, symbol, header, lua: fromBytes(assembled.bytes) } : undefined;
}

function nameScript(path: string, report: Report): { readonly name: string; readonly symbol: string } {
  const word = basename(path, ".lua");
  const symbol = word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(word)) {
    report(
      1,
      "file-name",
      `"${word}.lua" becomes no function name: use small letters, digits and dashes, such as "claim-next.lua"`,
    );
  } else if (reserved.has(symbol)) {
    report(
      1,
      "file-name",
      `"${word}" cannot be the name of a function in TypeScript: name the file for what it does to what, such as "${word}-job.lua"`,
    );
  }
  return { name: `${basename(dirname(resolve(path)))}.${word}`, symbol };
}

/** Blanks the comments and puts the includes in; `undefined` if an include is refused. */
function assemble(file: LuaFile, includes: IncludeResolver, report: Report): Blanked | undefined {
  const done = new Set<string>();
  const declared: { readonly functions: readonly string[]; readonly name: string; readonly line: number }[] = [];
  let broken = false;
  const blanked = blankComments(file, (comment) => {
    const name = includeName(file, comment);
    if (name === undefined) return undefined;
    const expansion = includes.expand(file, comment, name, done);
    broken ||= expansion.broken;
    declared.push({ ...expansion, name, line: comment.loc?.start.line ?? 1 });
    return expansion.text;
  });
  if (broken) return undefined;
  const ownCode = file.comments.reduceRight((bytes, comment) => {
    const [start, end] = rangeOf(comment);
    return bytes.slice(0, start) + bytes.slice(end);
  }, file.bytes);
  for (const { functions, name, line } of declared) {
    if (functions.some((each) => new RegExp(`\\b${each}\\b`).test(ownCode))) continue;
    report(line, "include", `nothing here uses what "${name}" declares (${functions.join(", ")}): take the line out`);
  }
  return blanked;
}

/** Reports scripts of one folder whose functions would have one name. */
export function refuseSameNames(
  scripts: readonly { readonly path: string; readonly script: CompiledScript }[],
  report: (path: string) => Report,
): void {
  const seen = new Map<string, string>();
  for (const { path, script } of scripts) {
    const first = seen.get(interfaceName(script.symbol));
    if (first === undefined) seen.set(interfaceName(script.symbol), path);
    else
      report(path)(
        1,
        "file-name",
        `"${basename(path)}" and "${basename(first)}" both become "${script.symbol}": rename one of them`,
      );
  }
}
