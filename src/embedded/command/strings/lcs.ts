import { typeOf } from "../../store/index.ts";
import { integerArgument, MapReply, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

/** The default of proto-max-bulk-len: the table takes no more. */
const tableBytesMax = 512 * 1024 * 1024;
const notStrings = refuse("The specified keys must contain string values");
const either = refuse("If you want both the length and indexes, please just use IDX.");
const tooLarge = refuse("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

interface LcsOptions {
  readonly form: "text" | "length" | "index";
  readonly withLengths: boolean;
  readonly shortest: number;
}

/** A stretch that both have: where it begins in each, and how long it is. */
interface Stretch {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

function longestCommon({ db }: CommandContext, args: readonly string[]): Reply {
  const first = db.get(args[1] as string) ?? "";
  const second = db.get(args[2] as string) ?? "";
  if (typeOf(first) !== "string" || typeOf(second) !== "string") throw notStrings;
  const options = readOptions(args);
  const a = first.toString();
  const b = second.toString();
  if ((a.length + 1) * (b.length + 1) * 4 > tableBytesMax) throw tooLarge;
  const width = b.length + 1;
  const table = lengths(a, b);
  const length = table[a.length * width + b.length] as number;
  if (options.form === "length") return length;
  const stretches = walkBack(a, b, table);
  if (options.form === "text") {
    return stretches
      .reverse()
      .map((stretch) => a.slice(stretch.a, stretch.a + stretch.length))
      .join("");
  }
  const matches: Reply[] = [];
  for (const stretch of stretches) {
    if (stretch.length < options.shortest) continue;
    const place: Reply[] = [
      [stretch.a, stretch.a + stretch.length - 1],
      [stretch.b, stretch.b + stretch.length - 1],
    ];
    if (options.withLengths) place.push(stretch.length);
    matches.push(place);
  }
  return new MapReply(["matches", matches, "len", length]);
}

function readOptions(args: readonly string[]): LcsOptions {
  let index = false;
  let length = false;
  let withLengths = false;
  let shortest = 0;
  for (let at = 3; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "idx") index = true;
    else if (option === "len") length = true;
    else if (option === "withmatchlen") withLengths = true;
    else if (option === "minmatchlen" && at + 1 < args.length) shortest = integerArgument(args[++at]);
    else throw refusals.syntax;
  }
  if (index && length) throw either;
  return { form: index ? "index" : length ? "length" : "text", withLengths, shortest };
}

/** The length of the longest common subsequence of each two beginnings: the textbook's table, row by row. */
function lengths(a: string, b: string): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const char = a.charCodeAt(i - 1);
    const row = i * width;
    const above = row - width;
    for (let j = 1; j <= b.length; j++) {
      table[row + j] =
        char === b.charCodeAt(j - 1)
          ? (table[above + j - 1] as number) + 1
          : Math.max(table[above + j] as number, table[row + j - 1] as number);
    }
  }
  return table;
}

/** The stretches, last first. Where two ways are as good it goes back in the second string, as Redis does. */
function walkBack(a: string, b: string, table: Uint32Array): Stretch[] {
  const width = b.length + 1;
  const stretches: Stretch[] = [];
  let run = 0;
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    if (a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      run++;
      i--;
      j--;
      continue;
    }
    if (run > 0) stretches.push({ a: i, b: j, length: run });
    run = 0;
    if ((table[(i - 1) * width + j] as number) > (table[i * width + j - 1] as number)) i--;
    else j--;
  }
  if (run > 0) stretches.push({ a: i, b: j, length: run });
  return stretches;
}

/** LCS, the longest common subsequence of two strings. */
export const lcs: CommandSpec = {
  name: "lcs",
  arity: -3,
  group: "string",
  flags: ["readonly"],
  keys: [1, 2, 1],
  run: longestCommon,
};
