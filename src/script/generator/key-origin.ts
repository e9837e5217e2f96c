import type { Expression, IndexExpression } from "luaparse";
import { type Analysis, follow, inputIndex, isInputList } from "./analysis.ts";
import type { Header, KeyDeclaration } from "./header.ts";
import { type ArgLayout, keyAt, layOutArgs } from "./layout.ts";
import { asCall, pathOf } from "./lua-syntax.ts";
import type { Value, Variable } from "./variable.ts";

/** Where the key of a command comes from. */
export type Origin =
  | { readonly from: "key"; readonly key: KeyDeclaration; readonly completed: boolean }
  | { readonly from: "argument"; readonly name: string }
  | { readonly from: "literal"; readonly text: string };

/** Finds out where keys come from, through locals, tables, loops and the parameters of local functions. */
export class KeyOrigins {
  readonly #analysis: Analysis;
  readonly #header: Header;
  readonly #layout: ArgLayout;
  /** What is being followed: meeting it again leads nowhere. */
  readonly #open = new Set<unknown>();

  constructor(analysis: Analysis, header: Header) {
    this.#analysis = analysis;
    this.#header = header;
    this.#layout = layOutArgs(header.args);
  }

  /** Everything that an expression can come from. Empty if one way to it is unclear, because then the others are guesses. */
  of(node: Expression): readonly Origin[] {
    switch (node.type) {
      case "StringLiteral":
        return [{ from: "literal", text: node.value }];
      case "BinaryExpression":
        return node.operator === ".." ? this.of(headOf(node)).map(completed) : [];
      case "LogicalExpression":
        return node.operator === "and" ? this.of(node.right) : every([this.of(node.left), this.of(node.right)]);
      case "IndexExpression":
        return this.#item(node);
      case "MemberExpression":
        return this.#member(node.base, node.identifier.name);
      case "Identifier":
        return this.#name(node, (value) => this.of(value));
      default:
        return [];
    }
  }

  #item(node: IndexExpression): readonly Origin[] {
    const { keys } = this.#header;
    if (isInputList(this.#analysis, node.base, "KEYS")) {
      const n = inputIndex(this.#analysis, node, "KEYS");
      const key = n === undefined ? keys.find(({ form }) => form === "rest") : keyAt(this.#header, n);
      return key === undefined ? [] : [{ from: "key", key, completed: false }];
    }
    if (!isInputList(this.#analysis, node.base, "ARGV")) return [];
    const n = inputIndex(this.#analysis, node, "ARGV");
    const name = (n === undefined ? undefined : this.#layout.words[n - 1]?.label) ?? this.#layout.open?.name;
    return name === undefined ? [] : [{ from: "argument", name }];
  }

  #member(table: Expression, member: string): readonly Origin[] {
    if (table.type === "Identifier") {
      const grows = (this.#analysis.scopes.variableOf(table)?.memberWrites.length ?? 1) > 0;
      return grows ? [] : this.#name(table, (value) => this.#member(value, member));
    }
    if (table.type !== "TableConstructorExpression") return [];
    const field = table.fields.find((each) => each.type === "TableKeyString" && each.key.name === member);
    return field === undefined ? [] : this.of(field.value);
  }

  #name(node: Expression, each: (value: Expression) => readonly Origin[]): readonly Origin[] {
    const variable = this.#analysis.scopes.variableOf(node);
    if (variable === undefined || this.#open.has(variable)) return [];
    this.#open.add(variable);
    const found = this.#analysis.scopes.valuesOf(node).map((value) => this.#value(variable, value, each));
    this.#open.delete(variable);
    return every(found);
  }

  #value(variable: Variable, value: Value, each: (value: Expression) => readonly Origin[]): readonly Origin[] {
    if (typeof value === "object") return each(value);
    if (value !== "given" || variable.owner === undefined) return [];
    if (variable.role === "element") return this.#element(variable);
    const calls = variable.role === "parameter" ? this.#analysis.callsOf(variable.owner) : [];
    return every(
      calls.map(({ args }) => {
        const given = args[variable.position];
        return given === undefined ? [] : each(given);
      }),
    );
  }

  /** What `ipairs` goes through: a list that is written out, or KEYS or ARGV themselves. */
  #element({ owner, position }: Variable): readonly Origin[] {
    const iterator = owner?.type === "ForGenericStatement" ? owner.iterators[0] : undefined;
    const call = iterator === undefined ? undefined : asCall(iterator);
    const [given] = call?.args ?? [];
    if (given === undefined || position !== 1 || !/^i?pairs$/.test(pathOf(call?.base ?? given) ?? "")) return [];
    const list = follow(this.#analysis, given);
    if (list.type === "TableConstructorExpression") return every(list.fields.map((field) => this.of(field.value)));
    const [only] = this.#header.keys;
    const key = this.#header.keys.length === 1 ? only : undefined;
    return key !== undefined && isInputList(this.#analysis, list, "KEYS") ? [{ from: "key", key, completed: false }] : [];
  }
}

function headOf(node: Expression): Expression {
  let head = node;
  while (head.type === "BinaryExpression" && head.operator === "..") head = head.left;
  return head;
}

function completed(origin: Origin): Origin {
  return origin.from === "key" ? { ...origin, completed: true } : origin;
}

function every(ways: readonly (readonly Origin[])[]): readonly Origin[] {
  return ways.every((way) => way.length > 0) ? ways.flat() : [];
}
