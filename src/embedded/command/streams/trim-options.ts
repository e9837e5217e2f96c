import { MIN_ID, type StreamId, type Trim } from "../../store/index.ts";
import { integerArgument, refusals, refuse } from "../../value/index.ts";
import { idArgument } from "./ids.ts";

const both = refuse("syntax error, MAXLEN and MINID options at the same time are not compatible");
const negativeLength = refuse("The MAXLEN argument must be >= 0.");
const negativeLimit = refuse("The LIMIT argument must be >= 0.");
const limitAlone = refuse("syntax error, LIMIT cannot be used without specifying a trimming strategy");
const limitExact = refuse("syntax error, LIMIT cannot be used without the special ~ option");
const nothingToTrim = refuse("syntax error, XTRIM must be called with a trimming strategy");
/** Unless told otherwise, `~` removes at most so many: a hundred nodes. */
const limitDefault = 10_000;

/** What XADD and XTRIM have in common. */
export interface TrimOptions {
  readonly trim: Trim | undefined;
  readonly noMakeStream: boolean;
  /** Where the threshold stands. */
  readonly thresholdAt: number;
  /** The first argument that is no option: XADD's id. */
  readonly end: number;
}

/** Reads options from `args[2]` on. @throws {Refusal} */
export function readTrimOptions(args: readonly string[], adds: boolean): TrimOptions {
  let length: number | undefined;
  let before: StreamId | undefined;
  let approximate = false;
  let limit: number | undefined;
  let noMakeStream = false;
  let thresholdAt = 0;
  let at = 2;
  for (; at < args.length; at++) {
    const word = args[at] as string;
    if (adds && (word === "*" || isDigit(word.charCodeAt(0)))) break;
    const option = word.toLowerCase();
    const more = args.length - 1 - at;
    if ((option === "maxlen" || option === "minid") && more > 0) {
      if (thresholdAt !== 0) throw both;
      const mark = more >= 2 ? args[at + 1] : undefined;
      approximate = mark === "~";
      if (mark === "~" || mark === "=") at++;
      thresholdAt = ++at;
      const threshold = args[at] as string;
      if (option === "minid") before = idArgument(threshold);
      else {
        length = integerArgument(threshold);
        if (length < 0) throw negativeLength;
      }
    } else if (option === "limit" && more > 0) {
      limit = integerArgument(args[++at]);
      if (limit < 0) throw negativeLimit;
    } else if (adds) {
      if (option !== "nomkstream") break;
      noMakeStream = true;
    } else {
      throw refusals.syntax;
    }
  }
  if (adds) checkId(args[at]);
  if (thresholdAt === 0) {
    if (limit !== undefined && limit > 0) throw limitAlone;
    if (!adds) throw nothingToTrim;
  }
  if (limit !== undefined && !approximate) throw limitExact;
  const trim =
    thresholdAt === 0
      ? undefined
      : { length, before: before ?? MIN_ID, approximate, limit: approximate ? (limit ?? limitDefault) : 0 };
  return { trim, noMakeStream, thresholdAt, end: at };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The id is read before what the options lack is found out. */
function checkId(text: string | undefined): void {
  if (text !== undefined && text !== "*" && !text.endsWith("-*")) idArgument(text);
}
