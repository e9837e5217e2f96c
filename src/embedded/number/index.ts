/**
 * Numbers as the C library reads, writes and raises them, to the last digit.
 *
 * @module
 */
export { type Conversion, formatFloat, formatNumber14, formatNumber17, pad } from "./format.ts";
export { parseInBase, parseNumber, readNumber } from "./parse.ts";
export { power } from "./power.ts";
