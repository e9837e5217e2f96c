import { problem } from "./problem.ts";

/** Deeper than this nothing that is meant well goes, and what walks a value by recursion is safe. */
const depthMax = 100;

/**
 * Reads a body in JSON.
 *
 * Refuses what would later change the prototype of an object that it is merged into (`__proto__`,
 * `constructor.prototype`), and what is nested so deep that writing it as JSON again could fail.
 *
 * @throws {ProblemError} `bad-json`, with the place
 */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column, offset } = placeOfError(text);
    throw problem("bad-json", `Line ${line}, column ${column}: ${complaint(text, offset)}.`, {
      members: { line, column, offset },
    });
  }
  check(value, 0);
  return value;
}

function complaint(text: string, offset: number): string {
  if (offset >= text.length) return "it ends too early";
  if (text[offset] === '"' && !/^"[^"\\]*"/.test(text.slice(offset)))
    return "the text that begins there does not end, or has a wrong escape";
  return `${JSON.stringify(String.fromCodePoint(text.codePointAt(offset) as number))} is not expected there`;
}

function check(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === depthMax) throw problem("bad-json", `It is nested more than ${depthMax} levels deep.`);
  if (Array.isArray(value)) {
    for (const each of value) check(each, depth + 1);
    return;
  }
  const object = value as Record<string, unknown>;
  if (Object.hasOwn(object, "__proto__")) throw problem("bad-json", 'No property may be named "__proto__".');
  const { constructor: made } = Object.hasOwn(object, "constructor") ? (object as { constructor: unknown }) : {};
  if (typeof made === "object" && made !== null && Object.hasOwn(made, "prototype")) {
    throw problem("bad-json", 'No property may be named "constructor" and have one named "prototype".');
  }
  for (const key in object) check(object[key], depth + 1);
}

const blank = /[ \t\n\r]*/y;

/** One token of JSON: punctuation, text, a number or a word. */
const token =
  /(?:([{}[\],:])|"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

/**
 * Where a text stops being JSON. Node's own messages say so only for some errors and quote the input for others, so the
 * text is gone through once more; only a text that was refused is.
 */
function placeOfError(text: string): { readonly line: number; readonly column: number; readonly offset: number } {
  const offset = scan(text);
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, offset };
}

type Expected = "value" | "value-or-]" | "key" | "key-or-}" | ":" | "next" | "end";

function scan(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  while (at < text.length) {
    blank.lastIndex = at;
    blank.exec(text);
    token.lastIndex = blank.lastIndex;
    const [word, mark] = token.exec(text) ?? [];
    const next: Expected | undefined =
      word === undefined ? undefined : follow(expected, mark ?? (word.startsWith('"') ? "text" : "other"), open);
    if (next === undefined) return blank.lastIndex;
    expected = next;
    at = token.lastIndex;
  }
  return text.length;
}

/** What may follow a token, or `undefined` if the token may not be there. */
function follow(expected: Expected, kind: string, open: ("{" | "[")[]): Expected | undefined {
  const inside = open.at(-1);
  const over = (): Expected => (open.length === 0 ? "end" : "next");
  const value = expected === "value" || expected === "value-or-]";
  if (
    (kind === "]" && inside === "[" && (expected === "next" || expected === "value-or-]")) ||
    (kind === "}" && inside === "{" && (expected === "next" || expected === "key-or-}"))
  ) {
    open.pop();
    return over();
  }
  if (kind === "{" || kind === "[") {
    if (!value) return undefined;
    open.push(kind);
    return kind === "{" ? "key-or-}" : "value-or-]";
  }
  if (kind === ":") return expected === ":" ? "value" : undefined;
  if (kind === ",") return expected === "next" ? (inside === "{" ? "key" : "value") : undefined;
  if (kind === "text" && (expected === "key" || expected === "key-or-}")) return ":";
  return (kind === "text" || kind === "other") && value ? over() : undefined;
}
