import { nearest } from "../../core/index.ts";
import type { KeyKind, Type, Writes } from "../index.ts";
import type { ArgDeclaration, Header, KeyDeclaration, OutcomeDeclaration, ReplyDeclaration } from "./header.ts";
import type { Report } from "./rules.ts";
import { HeaderTextError, propertyName, TypeReader } from "./type-parser.ts";

const kinds: readonly KeyKind[] = ["string", "hash", "list", "set", "zset", "stream", "any"];
const tags = ["key", "arg", "reply", "writes", "include"];
const meanings: Readonly<Record<Writes, string>> = {
  none: "it never writes",
  idempotent: "running it twice leaves and answers what running it once does",
  once: "it writes in any other way, so it is never sent twice",
};

interface Tag {
  readonly name: string;
  readonly line: number;
  text: string;
}

/** Whether a file has a header, and so is a script. */
export function hasHeader(text: string): boolean {
  return /^--- *@(?:key|arg|reply|writes)\b/m.test(text);
}

/**
 * Reads the header of a script: the comment lines at the top of its file.
 *
 * @returns the header, or `undefined` if something in it stops the script; everything that does is reported
 */
export function parseHeader(text: string, report: Report): Header | undefined {
  let sound = true;
  const refuse: Report = (line, rule, message) => {
    sound = false;
    report(line, rule, message);
  };
  const { doc, tags: found } = splitHeader(text, refuse);
  const read = <T>(name: string, parse: (tag: Tag) => T): T[] =>
    found.filter((tag) => tag.name === name).flatMap((tag) => attempt(tag, parse, refuse));
  const keys = read("key", parseKey);
  const args = read("arg", parseArg);
  const replies = read("reply", parseReply);
  const reply = collectReplies(replies, refuse);
  if (!found.some(({ name }) => name === "reply")) {
    refuse(
      1,
      "header",
      'the header says what comes back: "--- @reply integer", or one "--- @reply "word", field: type" for each outcome',
    );
  }
  const writes = collectWrites(found, refuse);
  refuseMisplaced(
    "key",
    keys.map((key) => ({ ...key, rest: key.form === "rest" })),
    refuse,
  );
  refuseMisplaced("arg", args, refuse);
  if (doc === "") refuse(1, "header", 'the first line says what the script does: "--- Take the lease, or say when it lapses."');
  return sound && reply !== undefined && writes !== undefined ? { doc, keys, args, reply, writes } : undefined;
}

/** Splits the first run of comment lines into prose and tags; a line that follows a tag continues it. */
function splitHeader(text: string, refuse: Report): { readonly doc: string; readonly tags: readonly Tag[] } {
  const found: Tag[] = [];
  const doc: string[] = [];
  let current: Tag | undefined;
  let inHeader = true;
  for (const [index, line] of text.split("\n").entries()) {
    const comment = /^---(?!-)\s?(.*)$/.exec(line)?.[1]?.trimEnd();
    const name = /^\s*@(\w+)/.exec(comment ?? "")?.[1];
    if (comment === undefined || (!inHeader && name === undefined)) {
      // Lines before the first comment, and plain comments inside, do not end a header; anything else does.
      inHeader &&= doc.length + found.length === 0 || line.startsWith("--");
      current = undefined;
    } else if (name !== undefined) {
      refuseTag(name, index + 1, inHeader, refuse);
      current = { name, line: index + 1, text: comment.replace(/^\s*@\w+\s*/, "") };
      if (inHeader) found.push(current);
    } else if (comment === "") {
      if (current === undefined) doc.push("");
      current = undefined;
    } else if (current === undefined) doc.push(comment);
    else current.text += ` ${comment.trim()}`;
  }
  return { doc: doc.join("\n").trim(), tags: found };
}

function refuseTag(name: string, line: number, inHeader: boolean, refuse: Report): void {
  if (!tags.includes(name)) {
    const near = nearest(name, tags);
    refuse(
      line,
      "header",
      `there is no tag "@${name}". ${near === undefined ? `Tags are ${tags.map((tag) => `@${tag}`).join(", ")}.` : `Did you mean "@${near}"?`}`,
    );
  } else if (!inHeader && name !== "include") {
    refuse(line, "header", `"@${name}" stands below the header: move it to the comment lines at the top of the file`);
  }
}

function attempt<T>(tag: Tag, parse: (tag: Tag) => T, refuse: Report): T[] {
  try {
    return [parse(tag)];
  } catch (error) {
    if (!(error instanceof HeaderTextError)) throw error;
    refuse(tag.line, "header", error.message);
    return [];
  }
}

/** `job hash doc`, `job* hash doc`, `...stock string doc`. */
function parseKey({ text, line }: Tag): KeyDeclaration {
  const match = /^(\.\.\.)?([A-Za-z_]\w*)(\*)?(\.\.\.)?:?\s+(\S+)\s*(.*)$/.exec(text);
  const [, dots, name = "", star, dotsAfter, kindText = "", doc = ""] = match ?? [];
  if (match === null)
    throw new HeaderTextError('a key is "@key name kind what it holds", for example "@key lease string owner of the lease"');
  if (dotsAfter !== undefined) throw new HeaderTextError(`all further keys are written "...${name}", with the dots first`);
  if (dots !== undefined && star !== undefined)
    throw new HeaderTextError(`"${name}" is either all further keys ("...${name}") or a prefix ("${name}*"), not both`);
  const kind = kinds.find((each) => each === kindText);
  if (kind === undefined) {
    const near = nearest(kindText, kinds);
    throw new HeaderTextError(
      `a key holds no "${kindText}". ${near === undefined ? `Kinds are ${kinds.join(", ")}.` : `Did you mean "${near}"?`}`,
    );
  }
  const form = dots !== undefined ? "rest" : star !== undefined ? "prefix" : "one";
  return { name, property: propertyName(name), kind, form, doc, line };
}

/** `ttl_ms duration doc`, `note? string doc`, `...job {id: string, payload: bytes} doc`. */
function parseArg({ text, line }: Tag): ArgDeclaration {
  const match = /^(\.\.\.)?([A-Za-z_]\w*)(\?)?(\.\.\.|\*)?:?\s+(.+)$/.exec(text);
  const [, dots, name = "", optional, misplaced, tail = ""] = match ?? [];
  if (match === null)
    throw new HeaderTextError(
      'an argument is "@arg name type what it is", for example "@arg ttl_ms duration how long the lease lasts"',
    );
  if (misplaced !== undefined) throw new HeaderTextError(`all further arguments are written "...${name}", with the dots first`);
  const reader = new TypeReader(tail);
  const type = reader.type();
  if (optional !== undefined && typeof type === "object" && "nullable" in type) {
    throw new HeaderTextError(`"${name}?" and the "?" of its type say the same: write one of them`);
  }
  if (dots !== undefined && optional !== undefined)
    throw new HeaderTextError(`"...${name}" may be empty already: leave out the "?"`);
  const property = propertyName(name);
  const whole: Type = optional === undefined ? type : { nullable: type };
  refuseInherited(property, whole);
  return {
    name,
    property,
    type: whole,
    rest: dots !== undefined,
    doc: reader.rest(),
    line,
  };
}

/** What a caller may leave out is not called as what every object has, `toString`: to TypeScript it would be there, and a function. */
function refuseInherited(property: string, type: Type): void {
  if (typeof type === "string") return;
  if ("nullable" in type) {
    if (property in Object.prototype) {
      throw new HeaderTextError(`every object has "${property}", so TypeScript lets nobody leave it out: call it otherwise`);
    }
    refuseInherited("", type.nullable);
  } else if ("record" in type) {
    for (const [name, field] of Object.entries(type.record)) refuseInherited(name, field);
  } else refuseInherited("", "array" in type ? type.array : type.hash);
}

/** `"granted", token: bigint doc`, or `integer doc`. */
function parseReply({ text, line }: Tag): OutcomeDeclaration | (ReplyDeclaration & { readonly form: "plain" }) {
  const reader = new TypeReader(text);
  const word = reader.quoted();
  if (word === undefined) {
    const type = reader.type();
    return { form: "plain", type, doc: reader.rest(), line };
  }
  if (!/^[a-z][\w-]*$/i.test(word)) throw new HeaderTextError(`an outcome is one word such as "granted", not "${word}"`);
  const fields = reader.take(",") ? reader.fields() : {};
  if ("outcome" in fields) throw new HeaderTextError('"outcome" is what the first word is called: give the field another name');
  return { word, fields, doc: reader.rest(), line };
}

function collectReplies(
  replies: readonly (OutcomeDeclaration | (ReplyDeclaration & { readonly form: "plain" }))[],
  refuse: Report,
): ReplyDeclaration | undefined {
  if (replies.length === 0) return undefined;
  const outcomes: OutcomeDeclaration[] = [];
  for (const reply of replies) {
    if (!("word" in reply)) {
      if (replies.length === 1) return reply;
      refuse(
        reply.line,
        "header",
        "a script answers with one type, or with outcomes that each start with a word in quotes, not both",
      );
    } else if (outcomes.some(({ word }) => word === reply.word)) {
      refuse(reply.line, "header", `the outcome "${reply.word}" is declared twice`);
    } else outcomes.push(reply);
  }
  return { form: "outcomes", outcomes };
}

function collectWrites(found: readonly Tag[], refuse: Report): Writes | undefined {
  const [first, second] = found.filter((tag) => tag.name === "writes");
  const words = Object.keys(meanings) as Writes[];
  const said = words.map((word) => `"${word}" (${meanings[word]})`).join(", ");
  if (second !== undefined) refuse(second.line, "header", '"@writes" is said twice');
  if (first === undefined) refuse(1, "header", `the header says how the script writes, "--- @writes" and one of: ${said}`);
  const word = first?.text.split(/[\s,:;]/)[0];
  const writes = words.find((each) => each === word);
  if (first !== undefined && writes === undefined)
    refuse(first.line, "header", `"@writes ${word}" is not known, it is one of: ${said}`);
  return writes;
}

function refuseMisplaced(
  tag: "key" | "arg",
  declared: readonly { readonly name: string; readonly property: string; readonly rest: boolean; readonly line: number }[],
  refuse: Report,
): void {
  const seen = new Set<string>();
  for (const [index, { name, property, rest, line }] of declared.entries()) {
    if (seen.has(property)) refuse(line, "header", `"@${tag} ${name}" is declared twice`);
    seen.add(property);
    if (rest && index < declared.length - 1) {
      const instead = tag === "arg" ? ", or make it an array, whose length comes first" : "";
      refuse(line, "header", `"...${name}" takes all that is left, so it comes last: move it down${instead}`);
    }
  }
}
