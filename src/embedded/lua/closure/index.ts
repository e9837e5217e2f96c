/**
 * The backend that makes a tree of closures: slower, but it runs where `new Function` is forbidden.
 *
 * @module
 */
export { compileToClosures } from "./compile.ts";
