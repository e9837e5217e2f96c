import { basename } from "node:path";
import type { ProjectFile } from "./project.ts";

/** One house rule: which files it is for, and where a file breaks it. Each comes with a file that does. */
export interface Rule {
  readonly applies: (path: string) => boolean;
  /** The lines, or facts, that break the rule. */
  readonly breaches: (file: ProjectFile) => readonly string[];
  readonly example: ProjectFile;
}

const isSource = (path: string): boolean => path.startsWith("src/") && !path.endsWith(".gen.ts");
const isTest = (path: string): boolean => path.endsWith(".test.ts") || path.startsWith("test/");
const isScript = (path: string): boolean => path.endsWith(".lua") && !path.includes("fixtures/");
const isDoor = (path: string): boolean => /^src\/(?:.+\/)?index\.ts$/.test(path);

/** Lines that match, unless they or the line above carry the comment that allows it. */
function lines(file: ProjectFile, pattern: RegExp, allowed?: RegExp): readonly string[] {
  const all = file.text.split("\n");
  return all.flatMap((line, index) => {
    if (!pattern.test(line) || allowed?.test(`${all[index - 1] ?? ""}\n${line}`)) return [];
    return [`${file.path}:${index + 1} ${line.trim()}`];
  });
}

function luaLines(text: string): number {
  const code = text.replace(/--\[\[[\s\S]*?\]\]/g, "").split("\n");
  return code.filter((line) => line.trim() !== "" && !line.trim().startsWith("--")).length;
}

export const rules: Readonly<Record<string, Rule>> = {
  "a source file has at most 400 lines": {
    applies: isSource,
    breaches: ({ path, text }) => (text.split("\n").length > 401 ? [`${path} has ${text.split("\n").length - 1} lines`] : []),
    example: { path: "src/lock/lock.ts", text: "\n".repeat(401) },
  },
  "a script has at most 60 lines of code, comments not counted": {
    applies: isScript,
    breaches: ({ path, text }) => (luaLines(text) > 60 ? [`${path} has ${luaLines(text)} lines of code`] : []),
    example: { path: "src/lock/acquire.lua", text: `--- A header.\n\n-- Why.\n${"local x = 1\n".repeat(61)}` },
  },
  "no file is named for being leftovers": {
    applies: () => true,
    breaches: ({ path }) => (/^(?:utils?|helpers?|common|types|misc)\.[a-z.]+$/.test(basename(path)) ? [path] : []),
    example: { path: "src/lock/utils.ts", text: "" },
  },
  "a door opens with what the module is": {
    applies: isDoor,
    breaches: ({ path, text }) => (/^\/\*\*\n \* \S(?:(?!\*\/)[\s\S])*@module\b/.test(text) ? [] : [path]),
    example: { path: "src/lock/index.ts", text: 'export { Lock } from "./lock.ts";\n\n/** @module */\n' },
  },
  "nothing is exported by default, or by the star": {
    applies: (path) => isSource(path) || path.endsWith(".gen.ts"),
    breaches: (file) => lines(file, /^export (?:\*|default\b)/),
    example: { path: "src/lock/index.ts", text: 'export * from "./lock.ts";\n' },
  },
  "no test is left out or singled out": {
    applies: isTest,
    breaches: (file) => lines(file, /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|skipIf|runIf|todo)\b/),
    example: { path: "src/lock/lock.test.ts", text: `test.${"skip"}If(process.env.CI)("a lease lapses", () => {});\n` },
  },
  "no test waits for time to pass, unless a comment `waits:` says why there is no event": {
    applies: isTest,
    breaches: (file) => lines(file, /\b(?:sleep|setTimeout|setInterval)\(|timers\/promises/, /\/\/ waits: \S/),
    example: { path: "src/lock/lock.test.ts", text: `await new Promise((done) => ${"setTimeout"}(done, 50));\n` },
  },
  "what is compared with Redis, or measured on it, says that it wants the real one: the default is the embedded engine": {
    applies: (path) => /^(?:src\/embedded|test\/(?:embedded|conformance)|bench)\//.test(path),
    breaches: (file) => lines(file, /\bstartRedis\((?!.*engine: "redis-server")/),
    example: { path: "src/embedded/fixtures/oracle.ts", text: "const server = await startRedis({ tcp: true });\n" },
  },
  "no file knows the machine it was written on": {
    applies: () => true,
    breaches: (file) => lines(file, /(?<![\w.~])\/(?:(?:work|home|root)\/\w|tmp\/[\w.-]+\/)/),
    example: { path: "README.md", text: `See ${["", "home", "ada", "redlua"].join("/")}.\n` },
  },
  "no file knows the registry it was installed from": {
    applies: () => true,
    breaches: (file) => lines(file, /registry\.(?:npmjs|yarnpkg)|"resolved":\s/),
    example: { path: "package-lock.json", text: `"${"resolved"}": "https://example.org/ms.tgz"\n` },
  },
};
