import { InvalidInputError, nearest, refuseUnknown, show } from "../core/index.ts";
import type { ScriptSource } from "./define.ts";

const scalars: readonly string[] = ["string", "bytes", "integer", "number", "bigint", "boolean", "json", "duration", "instant"];
const kinds: readonly string[] = ["string", "hash", "list", "set", "zset", "stream", "any"];
const shapes: readonly string[] = ["nullable", "array", "hash", "record"];
const writes: readonly string[] = ["none", "idempotent", "once"];

/**
 * Refuses a definition that cannot be meant. TypeScript refuses most of it earlier; this is for what it cannot say, such as
 * that `rest` comes last, and for programs in JavaScript.
 *
 * @throws {InvalidInputError} `INPUT_INVALID`, naming the part
 */
export function checkDefinition(source: ScriptSource): void {
  const { name, lua, keys, args, reply } = source;
  refuseSlips(source);
  if (typeof name !== "string" || name === "") throw unfit("defineScript: name", "text such as stock.swap", name);
  if (typeof lua !== "string" || lua.trim() === "") throw unfit(`${name}: lua`, "the source of the script", lua);
  checkWord(`${name}: writes`, source.writes, writes);
  checkNames(name, "keys", keys, (field, type) => {
    const { prefix, rest } = type as { readonly prefix?: unknown; readonly rest?: unknown };
    checkWord(field, rest ?? prefix ?? type, kinds);
  });
  checkNames(name, "args", args, (field, type) => checkType(field, (type as { readonly rest?: unknown } | null)?.rest ?? type));
  checkReply(name, reply);
}

const parts: readonly (keyof ScriptSource)[] = ["name", "lua", "keys", "args", "reply", "writes"];

/** Refuses a part whose name is like that of one that is missing. What else is there is left alone: a script is a source too. */
function refuseSlips(source: ScriptSource): void {
  for (const each of Object.keys(source)) {
    const near = nearest(each, parts) as keyof ScriptSource | undefined;
    if (near !== undefined && source[near] === undefined) refuseUnknown("defineScript", { [each]: true }, parts);
  }
}

/** Checks names and what stands behind them. All that is left (`rest`) can only be the last. */
function checkNames(script: string, part: string, names: unknown, check: (field: string, type: unknown) => void): void {
  if (!isObject(names)) throw unfit(`${script}: ${part}`, "an object of names and types", names);
  const entries = Object.entries(names);
  for (const [index, [name, type]] of entries.entries()) {
    checkName(`${script}: ${part}`, name);
    const field = `${script}: ${part}.${name}`;
    if (isObject(type) && "rest" in type && index < entries.length - 1)
      throw unfit(field, "the last: it takes all that is left", type);
    check(field, type);
  }
}

function checkReply(script: string, reply: unknown): void {
  const field = `${script}: reply`;
  if (!isObject(reply) || !("outcomes" in reply)) {
    checkType(field, reply);
    return;
  }
  const outcomes = reply["outcomes"];
  if (!isObject(outcomes) || Object.keys(outcomes).length === 0) throw unfit(field, "one outcome or more", outcomes);
  for (const [word, fields] of Object.entries(outcomes)) {
    if (isObject(fields) && "outcome" in fields) {
      throw unfit(`${field} "${word}"`, 'without a field "outcome": that is where the word itself goes', fields);
    }
    checkFields(`${field} "${word}"`, fields);
  }
}

function checkFields(field: string, fields: unknown): void {
  if (!isObject(fields)) throw unfit(field, "an object of names and types", fields);
  for (const [name, type] of Object.entries(fields)) {
    checkName(field, name);
    checkType(`${field}.${name}`, type);
  }
}

function checkType(field: string, type: unknown): void {
  if (!isObject(type)) {
    checkWord(field, type, scalars);
    return;
  }
  const [shape, ...others] = Object.keys(type);
  if (shape === undefined || others.length > 0 || !shapes.includes(shape)) {
    throw unfit(field, `a type: ${scalars.join(", ")}, or an object with one of ${shapes.join(", ")}`, type);
  }
  const inner = type[shape];
  if (shape === "record") checkFields(field, inner);
  else if (shape === "nullable" && isObject(inner) && "nullable" in inner) throw unfit(field, "nullable once", type);
  else checkType(`${field}.${shape}`, inner);
}

/** A number as a name would change its place: JavaScript puts those first. `__proto__` is a name that an object cannot have. */
function checkName(field: string, name: string): void {
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === "__proto__") throw unfit(`${field}.${name}`, "named as a variable is", name);
}

function checkWord(field: string, word: unknown, known: readonly string[]): void {
  if (known.includes(word as string)) return;
  const near = typeof word === "string" ? nearest(word, known) : undefined;
  throw unfit(field, `one of ${known.join(", ")}`, word, near === undefined ? "" : ` Did you mean "${near}"?`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unfit(field: string, expects: string, value: unknown, hint = ""): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.${hint}`);
}
