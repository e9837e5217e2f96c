import luaparse, { type Chunk, type Comment, type Expression, type Node } from "luaparse";

/** The part of a file, in characters, that a node was read from. */
export type Range = readonly [number, number];

/** What {@link parseLua} found: the tree, or the place where the text stops being Lua. */
export type Parsed =
  | { readonly ok: true; readonly tree: Chunk; readonly comments: readonly Comment[] }
  | { readonly ok: false; readonly line: number; readonly message: string };

/**
 * Parses Lua 5.1. The text holds one character per byte (`latin1`), because that is what a Lua string is.
 */
export function parseLua(bytes: string): Parsed {
  try {
    const options = { luaVersion: "5.1", comments: true, locations: true, ranges: true, encodingMode: "pseudo-latin1" } as const;
    const tree = luaparse.parse(bytes, options);
    return { ok: true, tree, comments: tree.comments ?? [] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line } = error as SyntaxError & { readonly line?: number };
    return { ok: false, line: line ?? 1, message: error.message.replace(/^\[\d+:\d+\] /, "") };
  }
}

/** The line that a node starts on. */
export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 1;
}

/** Where a node is, in characters. */
export function rangeOf(node: Node): Range {
  return (node as Node & { readonly range: Range }).range;
}

/** The nodes directly below a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (name === "loc" || name === "range" || name === "comments") continue;
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) children.push(each);
  }
  return children;
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && "type" in value;
}

/** Visits a node and everything below it, parents first. */
export function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void, parents: readonly Node[] = []): void {
  visit(node, parents);
  const path = [...parents, node];
  for (const child of childrenOf(node)) walk(child, visit, path);
}

/** A call, whichever of Lua's three spellings it has. */
export interface Call {
  readonly base: Expression;
  readonly args: readonly Expression[];
}

/** The parts of a call, or `undefined` if the node is none. */
export function asCall(node: Node): Call | undefined {
  if (node.type === "CallExpression") return { base: node.base, args: node.arguments };
  if (node.type === "StringCallExpression") return { base: node.base, args: [node.argument] };
  if (node.type === "TableCallExpression") return { base: node.base, args: [node.arguments] };
  return undefined;
}

/** `redis.call`, `math.floor`, `tonumber`: a name, or a name and a member, as text. */
export function pathOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "MemberExpression" && node.indexer === "." && node.base.type === "Identifier") {
    return `${node.base.name}.${node.identifier.name}`;
  }
  return undefined;
}
