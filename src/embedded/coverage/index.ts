/**
 * Which lines of Lua ran, and how often: of each script, of the files that scripts are made of, and as lcov.
 *
 * @module
 */
export { type CoveredFile, type CoveredScript, coverageByFile, formatLcov } from "./by-file.ts";
export { type CountedChunk, Coverage, type LineCoverage, type ScriptCoverage, type StatementCoverage } from "./coverage.ts";
export { coverageFor, readCoverage, saveCoverage } from "./process-coverage.ts";
