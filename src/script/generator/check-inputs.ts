import type { Expression, Node } from "luaparse";
import { type Analysis, inputIndex, isInputList, type Refuse } from "./analysis.ts";
import type { Header } from "./header.ts";
import { keyAt, layOutArgs } from "./layout.ts";
import { lineOf, walk } from "./lua-syntax.ts";
import type { Report } from "./rules.ts";

type List = "KEYS" | "ARGV";

/** What a header declares for a list, in the order of its words. */
interface Declared {
  readonly list: List;
  /** Words that have a place of their own. */
  readonly words: readonly { readonly label: string; readonly line: number; readonly form: string }[];
  /** What takes all the words that follow, if something does. */
  readonly open: { readonly name: string; readonly line: number } | undefined;
}

/** What the code does with a list. */
interface Reads {
  readonly places: Map<number, Node>;
  /** Uses whose place the code works out, or of the whole list. */
  readonly dynamic: Node[];
  /** Whether the list is handed on from its first word. */
  whole: boolean;
}

/** Compares the keys and arguments of the header with what the code reads. */
export function checkInputs(analysis: Analysis, header: Header, report: Report, refuse: Refuse): void {
  const layout = layOutArgs(header.args);
  const rest = header.keys.find(({ form }) => form === "rest");
  const lists: readonly Declared[] = [
    {
      list: "KEYS",
      words: header.keys.filter(({ form }) => form !== "rest").map(({ name, line }) => ({ label: name, line, form: "key" })),
      open: rest,
    },
    { list: "ARGV", words: layout.words.map(({ arg, label }) => ({ label, line: arg.line, form: "arg" })), open: layout.open },
  ];
  for (const declared of lists) {
    const reads = collectReads(analysis, declared.list);
    compare(declared, reads, report, refuse);
  }
  const names = { KEYS: header.keys.map(({ name }) => name), ARGV: layout.words.map(({ label }) => label) };
  checkBindings(
    analysis,
    { KEYS: (n) => keyAt(header, n)?.name, ARGV: (n) => layout.words[n - 1]?.label },
    [...names.KEYS, ...names.ARGV],
    refuse,
  );
}

function collectReads(analysis: Analysis, list: List): Reads {
  const reads: Reads = { places: new Map(), dynamic: [], whole: false };
  const indexed = new Set<Node>();
  walk(analysis.tree, (node, parents) => {
    if (node.type === "IndexExpression" && isInputList(analysis, node.base, list)) {
      indexed.add(node.base);
      const n = inputIndex(analysis, node, list);
      if (n === undefined) reads.dynamic.push(node);
      else if (!reads.places.has(n)) reads.places.set(n, node);
    } else if (node.type === "Identifier" && !indexed.has(node) && isInputList(analysis, node, list)) {
      const parent = parents.at(-1);
      // `local A = ARGV` only gives the list another name; the uses of that name count.
      if (parent?.type === "LocalStatement") return;
      reads.dynamic.push(node);
      const from = parent?.type === "CallExpression" ? parent.arguments[1] : undefined;
      const handedOn = parent?.type === "CallExpression" && parent.arguments[0] === node;
      reads.whole ||= handedOn && (from === undefined || (from.type === "NumericLiteral" && from.value <= 1));
    }
  });
  return reads;
}

function compare({ list, words, open }: Declared, reads: Reads, report: Report, refuse: Refuse): void {
  const tag = list === "KEYS" ? "@key name kind" : "@arg name type";
  for (const [n, node] of [...reads.places].sort(([a], [b]) => a - b)) {
    if (n < 1 || !Number.isInteger(n)) refuse(node, "input-undeclared", `${list}[${n}] does not exist: ${list} begins at 1`);
    else if (n > words.length && open === undefined) {
      refuse(node, "input-undeclared", `${list}[${n}] is read and not declared: add "--- ${tag}" as number ${n} to the header`);
    }
  }
  for (const [index, { label, line, form }] of words.entries()) {
    if (reads.places.has(index + 1) || reads.whole) continue;
    report(
      line,
      "input-unread",
      `${list}[${index + 1}] (${label}) is declared and never read: read it, or take the @${form} out of the header`,
    );
  }
  if (open === undefined) {
    const [first] = reads.dynamic;
    if (first !== undefined) {
      const many = list === "KEYS" ? '"--- @key ...name kind"' : '"--- @arg ...name type"';
      refuse(
        first,
        "input-undeclared",
        `${list} is as long as the header says, ${words.length}, in every call: read it as ${list}[n], or declare ${many}`,
      );
    }
  } else if (reads.dynamic.length === 0 && ![...reads.places.keys()].some((n) => n > words.length)) {
    report(
      open.line,
      "input-unread",
      `"${open.name}" is declared and never read: go through it with "for i = ${words.length + 1}, #${list} do"`,
    );
  }
}

/** Refuses a name that stands for another key or argument, and a second way to say what has a name. */
function checkBindings(
  analysis: Analysis,
  nameOf: { readonly [list in List]: (n: number) => string | undefined },
  declared: readonly string[],
  refuse: Refuse,
): void {
  const bound = new Map<string, { readonly name: string; readonly line: number }>();
  const bind = (name: string, value: Expression | undefined, top: boolean): void => {
    const input = value === undefined ? undefined : onlyInput(analysis, value);
    if (input === undefined) return;
    const own = nameOf[input.list](input.n);
    if (own !== undefined && own !== name && declared.includes(name)) {
      refuse(
        input.node,
        "input-swapped",
        `${input.list}[${input.n}] is "${own}" in the header, but its name here is "${name}", which is another one: swap them here or there`,
      );
    }
    const key = `${input.list}[${input.n}]`;
    if (top && !bound.has(key)) bound.set(key, { name, line: lineOf(input.node) });
  };
  walk(analysis.tree, (node, parents) => {
    if (node.type === "LocalStatement") {
      for (const [index, { name }] of node.variables.entries()) bind(name, node.init[index], parents.length === 1);
    } else if (node.type === "TableKeyString")
      bind(node.key.name, node.value, parents.length === 3 && parents[1]?.type === "LocalStatement");
  });
  walk(analysis.tree, (node) => {
    for (const list of ["KEYS", "ARGV"] as const) {
      const n = inputIndex(analysis, node, list);
      const first = n === undefined ? undefined : bound.get(`${list}[${n}]`);
      if (first === undefined || lineOf(node) <= first.line) continue;
      refuse(node, "input-late", `${list}[${n}] is called "${first.name}" since line ${first.line}: use that name`);
    }
  });
}

/** The one word of `KEYS` or `ARGV` that a value is made from, alone or through one call such as `tonumber`. */
function onlyInput(
  analysis: Analysis,
  value: Expression,
): { readonly list: List; readonly n: number; readonly node: Node } | undefined {
  const inner = value.type === "CallExpression" && value.arguments.length === 1 ? (value.arguments[0] as Expression) : value;
  for (const list of ["KEYS", "ARGV"] as const) {
    const n = inputIndex(analysis, inner, list);
    if (n !== undefined) return { list, n, node: inner };
  }
  return undefined;
}
