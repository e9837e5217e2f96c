import type { Expression, Node, ReturnStatement, Statement, TableConstructorExpression } from "luaparse";
import { nearest } from "../../core/index.ts";
import type { Type } from "../index.ts";
import { type Analysis, choices, follow, type Refuse } from "./analysis.ts";
import type { Header, OutcomeDeclaration } from "./header.ts";
import { asCall } from "./lua-syntax.ts";
import { alwaysReturns, type Leaf, leavesOf, leavesOfReturn } from "./reply-leaves.ts";
import type { Report } from "./rules.ts";
import { isNumber, type KindsOf } from "./value-kinds.ts";

/** Compares what the script returns with what the header says it does. */
export function checkReplies(analysis: Analysis, header: Header, kindsOf: KindsOf, report: Report, refuse: Refuse): void {
  const { reply } = header;
  const body = (analysis.tree as Node & { readonly body: readonly Statement[] }).body;
  const mayBeNothing = reply.form === "plain" && typeof reply.type === "object" && "nullable" in reply.type;
  if (!alwaysReturns(body) && !mayBeNothing) {
    const last = body.at(-1);
    const example = reply.form === "outcomes" ? `{ "${reply.outcomes[0]?.word}", … }` : "…";
    if (last === undefined) report(1, "reply-missing", `the script is empty: end it with return ${example}`);
    else
      refuse(
        last,
        "reply-missing",
        `the script can end here without a reply, and the header promises one: end it with return ${example}`,
      );
  }
  const check = new ReplyCheck(analysis, kindsOf, refuse);
  const returns = analysis.returnsOf(analysis.tree);
  if (reply.form === "plain") {
    for (const each of returns) check.returned(each, reply.type);
    return;
  }
  const returned = new Set<string>();
  let known = true;
  for (const leaf of returns.flatMap((each) => leavesOfReturn(analysis, each))) {
    const words = check.outcome(leaf, reply.outcomes);
    // A word that is not declared is said already, and is most likely the declared one, misspelt.
    known &&= words?.every((word) => reply.outcomes.some((outcome) => outcome.word === word)) ?? false;
    if (words === undefined) continue;
    for (const word of words) returned.add(word);
  }
  for (const { word, line } of reply.outcomes) {
    if (known && !returned.has(word))
      report(line, "reply-unused", `the code never returns "${word}": return it, or take the @reply out of the header`);
  }
}

class ReplyCheck {
  readonly #analysis: Analysis;
  readonly #kindsOf: KindsOf;
  readonly #refuse: Refuse;

  constructor(analysis: Analysis, kindsOf: KindsOf, refuse: Refuse) {
    this.#analysis = analysis;
    this.#kindsOf = kindsOf;
    this.#refuse = refuse;
  }

  /** Checks one outcome; answers the words it can begin with, none for an error, `undefined` if they cannot be known. */
  outcome(leaf: Leaf, declared: readonly OutcomeDeclaration[]): readonly string[] | undefined {
    if (leaf.form === "signal") return [];
    if (leaf.form === "unknown") return undefined;
    if (leaf.form !== "table") {
      const word = leaf.form === "value" && leaf.node.type === "StringLiteral" ? leaf.node.value : undefined;
      if (leaf.form === "value" && word === undefined && !isPlain(leaf.node)) return undefined;
      this.#refuse(
        leaf.node,
        "reply-word",
        `an outcome is a table that begins with its word: return { "${word ?? declared[0]?.word}", … }`,
      );
      return word === undefined ? undefined : [word];
    }
    this.#refuseKeys(leaf.node);
    const [first] = leaf.node.fields;
    const words = first?.type === "TableValue" ? this.#words(first.value) : undefined;
    if (words === undefined) {
      if (first?.type === "TableValue" && isPlain(first.value)) {
        this.#refuse(
          leaf.node,
          "reply-word",
          `an outcome begins with its word, one of ${declared.map(({ word }) => `"${word}"`).join(", ")}`,
        );
      }
      return undefined;
    }
    for (const word of words) {
      const outcome = declared.find((each) => each.word === word);
      if (outcome === undefined) {
        const near = nearest(
          word,
          declared.map((each) => each.word),
        );
        const hint = near === undefined ? `add --- @reply "${word}" to the header` : `did you mean "${near}"?`;
        this.#refuse(leaf.node, "reply-word", `"${word}" is returned and not declared: ${hint}`);
      } else this.#fields(leaf, Object.entries(outcome.fields), 1, `"${word}"`);
    }
    return words;
  }

  /** Checks a reply that is of one type. */
  returned(statement: ReturnStatement, type: Type): void {
    const [first] = statement.arguments;
    if (first !== undefined) this.#value(first, type, "the reply");
    else this.#leaf({ form: "nothing", node: statement }, type, "the reply", statement);
  }

  /** Checks that a value can be what the header says it is. A name is where a value is put right, not what the name stands for. */
  #value(item: Expression, type: Type, what: string): void {
    for (const leaf of leavesOf(this.#analysis, item)) {
      // A nil inside a table is refused for what it does to all that follows it.
      if (what !== "the reply" && leaf.node.type === "NilLiteral") continue;
      this.#leaf(leaf, type, what, item.type === "Identifier" ? item : leaf.node);
    }
  }

  #leaf(leaf: Leaf, type: Type, what: string, at: Node): void {
    if (leaf.form === "signal" || leaf.form === "unknown") return;
    if (leaf.form === "table") {
      this.#table(leaf, type, what);
      return;
    }
    if (leaf.form === "nothing" || leaf.node.type === "NilLiteral" || leaf.node.type === "BooleanLiteral") {
      const missing = leaf.node.type !== "BooleanLiteral" || !leaf.node.value;
      if (missing && type !== "boolean" && !isNullable(type)) {
        this.#refuse(
          at,
          "reply-fields",
          `${what} is missing here, and ${describe(type)} in the header: declare it nullable with "?"`,
        );
      }
      return;
    }
    const inner = bare(type);
    const scalar = typeof inner === "string";
    if (!scalar && isPlain(leaf.node)) {
      this.#refuse(at, "reply-fields", `${what} is one value here, and ${describe(inner)} in the header`);
      return;
    }
    if (!scalar) return;
    if (
      leaf.node.type === "StringLiteral" &&
      /^(?:integer|number|bigint|duration|instant|boolean)$/.test(inner) &&
      !Number.isFinite(Number(leaf.node.value || "x"))
    ) {
      this.#refuse(at, "reply-fields", `${what} is text here, and ${describe(inner)} in the header`);
    }
    const kinds = this.#kindsOf(leaf.node);
    if (kinds.has("fraction") && [...kinds].every((kind) => isNumber(kind) || kind === "nil" || kind === "boolean")) {
      const whole = "return math.floor(number) or math.ceil(number)";
      const exact = 'return string.format("%.17g", number)';
      const hint =
        inner === "number"
          ? exact
          : inner === "string" || inner === "bytes"
            ? exact
            : `${whole}, or declare a number and ${exact}`;
      this.#refuse(at, "reply-fraction", `${what} can be a fraction, and Redis cuts it to a whole number: ${hint}`);
    }
  }

  #table(leaf: Leaf & { readonly form: "table" }, type: Type, what: string): void {
    const inner = bare(type);
    this.#refuseKeys(leaf.node);
    if (typeof inner === "string") {
      this.#refuse(
        leaf.node,
        "reply-fields",
        `${what} is a table here, and ${describe(inner)} in the header: leave out the braces`,
      );
    } else if ("record" in inner) this.#fields(leaf, Object.entries(inner.record), 0, what);
    else {
      const items = leaf.node.fields.flatMap((field) => (field.type === "TableValue" ? [field.value] : []));
      this.#refuseNil(items);
      if ("hash" in inner) {
        const expands = this.#analysis.mayExpand(items.at(-1));
        if (items.length % 2 === 1 && !leaf.grows && !expands)
          this.#refuse(leaf.node, "reply-fields", `${what} is a hash, field, value, field, value, and here a value is missing`);
        return;
      }
      for (const item of items) this.#value(item, inner.array, `an item of ${what}`);
    }
  }

  /** Checks fields that stand one after the other, from a place on. */
  #fields(
    leaf: Leaf & { readonly form: "table" },
    fields: readonly (readonly [string, Type])[],
    from: number,
    what: string,
  ): void {
    const items = leaf.node.fields.flatMap((field) => (field.type === "TableValue" ? [field.value] : []));
    const given = items.length - from;
    this.#refuseNil(items);
    if (!leaf.grows && given !== fields.length && !(this.#analysis.mayExpand(items.at(-1)) && given <= fields.length)) {
      const names = fields.length === 0 ? "" : ` (${fields.map(([name]) => name).join(", ")})`;
      this.#refuse(leaf.node, "reply-fields", `${what} has ${countOf(fields.length)}${names} in the header and ${given} here`);
      return;
    }
    for (const [index, [name, type]] of fields.entries()) {
      const item = items[from + index];
      if (item !== undefined) this.#value(item, type, name);
    }
  }

  #words(node: Expression): readonly string[] | undefined {
    const literal = choices(follow(this.#analysis, node));
    if (literal !== undefined) return literal;
    const values = this.#analysis.scopes.valuesOf(node);
    const words = values.map((value) => (typeof value === "object" ? choices(value) : undefined));
    return words.length > 0 && words.every((each) => each !== undefined) ? words.flat() : undefined;
  }

  #refuseKeys(table: TableConstructorExpression): void {
    for (const field of table.fields) {
      const name =
        field.type === "TableKeyString"
          ? field.key.name
          : field.type === "TableKey" && field.key.type === "StringLiteral"
            ? field.key.value
            : undefined;
      if (name !== undefined)
        this.#refuse(
          field,
          "reply-string-keys",
          `Redis drops "${name} = …" from a reply: return the values in the order of the header, { … }`,
        );
    }
  }

  #refuseNil(items: readonly Expression[]): void {
    for (const item of items) {
      const nil = leavesOf(this.#analysis, item).find((leaf) => leaf.form === "value" && leaf.node.type === "NilLiteral");
      if (nil !== undefined)
        this.#refuse(
          item,
          "reply-nil",
          "a nil ends the reply here, and what follows is lost: write false, which arrives as null",
        );
    }
  }
}

function isNullable(type: Type): boolean {
  return typeof type === "object" && "nullable" in type;
}

function bare(type: Type): Exclude<Type, { readonly nullable: Type }> {
  return typeof type === "object" && "nullable" in type ? bare(type.nullable) : type;
}

/** Whether an expression is surely one value that is no table. */
function isPlain(node: Expression): boolean {
  if (/^(?:String|Numeric|Boolean|Nil)Literal$/.test(node.type)) return true;
  return node.type === "BinaryExpression" || (node.type === "UnaryExpression" && asCall(node.argument) === undefined);
}

function describe(type: Type): string {
  if (typeof type === "string") return `it is ${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
  if ("nullable" in type) return describe(type.nullable);
  return "array" in type ? "it is an array" : "hash" in type ? "it is a hash" : "it is a record";
}

function countOf(fields: number): string {
  return fields === 0 ? "no fields" : fields === 1 ? "1 field" : `${fields} fields`;
}
