/**
 * The libraries that scripts of Redis 7.0 have: base functions, `string`, `table`, `math`, `bit`, `struct`, `cjson` and `cmsgpack`.
 *
 * @module
 */
export { openLibraries } from "./open.ts";
