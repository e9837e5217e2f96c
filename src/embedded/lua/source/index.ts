/**
 * The backend that writes JavaScript source: the quick one. It needs `new Function`.
 *
 * @module
 */
export { compileToSource } from "./compile.ts";
