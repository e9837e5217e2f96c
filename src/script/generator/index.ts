/**
 * The generator: reads `.lua` files, holds them to the rules, and writes typed functions.
 *
 * For build tools; programs that run scripts need `redlua/script` alone.
 *
 * @module
 * @example
 * const { files, problems } = generate(["src"]);
 * for (const problem of problems) console.error(formatProblem(problem));
 * writeGenerated(files);
 */
export { type Generated, type GeneratedFile, type GenerateOptions, generate, writeGenerated } from "./generate.ts";
export { formatProblem, type Problem, type Rule, rules } from "./rules.ts";
export { type TracedScript, traceScripts } from "./trace-scripts.ts";
