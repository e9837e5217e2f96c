/**
 * The vocabulary of the embedded engine: byte strings, numbers as Redis reads and writes them, replies and refusals.
 *
 * @module
 */
export { toByteString, toText, toUint8Array } from "./bytes.ts";
export { formatDouble } from "./format-double.ts";
export { literalOf, matchesGlob } from "./glob.ts";
export { addLongDoubles, formatLongDouble, parseLongDouble } from "./long-double.ts";
export {
  doubleArgument,
  exactIntegerArgument,
  integerArgument,
  integerReply,
  overflows,
  parseDouble,
  parseInteger,
} from "./numbers.ts";
export { engineFailed, oneLine, refusals, refuse, textOf, wrongArity } from "./refusals.ts";
export {
  BigNumber,
  Double,
  EMPTY,
  MapReply,
  NULL_ARRAY,
  NullArray,
  OK,
  PONG,
  QUEUED,
  Refusal,
  type Reply,
  SetReply,
  Status,
  Verbatim,
} from "./reply.ts";
