import type {
  AssignmentStatement,
  Expression,
  ForGenericStatement,
  ForNumericStatement,
  FunctionDeclaration,
  Identifier,
  LocalStatement,
  Node,
} from "luaparse";
import { childrenOf, rangeOf } from "./lua-syntax.ts";
import { sandbox } from "./sandbox.ts";
import { type Block, type Definition, type Value, type Variable, valuesAt } from "./variable.ts";

/** A use of a name that is no local. */
export interface GlobalUse {
  readonly node: Identifier;
  readonly written: boolean;
}

/** Which variable every name stands for. */
export interface Scopes {
  readonly variableOf: (node: Node) => Variable | undefined;
  /** What the variable that a name stands for can be where the name is used; nothing for what is no local. */
  readonly valuesOf: (node: Node) => readonly Value[];
  readonly variables: readonly Variable[];
  readonly globals: readonly GlobalUse[];
}

interface Introduction {
  readonly value?: Value;
  readonly at?: number;
  readonly owner?: Node;
  readonly position?: number;
}

/** Resolves every name of a chunk by Lua's rules of scope. */
export function resolveScopes(chunk: Node): Scopes {
  const resolver = new Resolver();
  resolver.block(childrenOf(chunk), []);
  const { uses, places, variables, globals } = resolver;
  return {
    variableOf: (node) => uses.get(node),
    valuesOf: (node) => {
      const variable = uses.get(node);
      return variable === undefined ? [] : valuesAt(variable, { at: rangeOf(node)[0], blocks: places.get(node) ?? [] });
    },
    variables,
    globals,
  };
}

class Resolver {
  readonly uses: Map<Node, Variable> = new Map();
  readonly places: Map<Node, readonly Block[]> = new Map();
  readonly variables: Variable[] = [];
  readonly globals: GlobalUse[] = [];

  block(body: readonly Node[], outer: readonly Block[], block: Block = newBlock(outer.at(-1)?.owner)): void {
    for (const each of body) this.#visit(each, [...outer, block]);
  }

  #visit(node: Node, blocks: readonly Block[]): void {
    switch (node.type) {
      case "Identifier":
        this.#use(node, blocks);
        break;
      case "MemberExpression":
        this.#visit(node.base, blocks);
        break;
      case "TableKeyString":
        this.#visit(node.value, blocks);
        break;
      case "LocalStatement":
      case "AssignmentStatement":
        this.#set(node, blocks);
        break;
      case "FunctionDeclaration":
        this.#function(node, blocks);
        break;
      case "ForNumericStatement":
      case "ForGenericStatement":
        this.#loop(node, blocks);
        break;
      case "RepeatStatement":
        // The condition of a repeat sees the locals of its body.
        this.block([...node.body, node.condition], blocks);
        break;
      case "IfClause":
      case "ElseifClause":
      case "WhileStatement":
        this.#visit(node.condition, blocks);
        this.block(node.body, blocks);
        break;
      case "ElseClause":
      case "DoStatement":
        this.block(node.body, blocks);
        break;
      default:
        for (const child of childrenOf(node)) this.#visit(child, blocks);
    }
  }

  #use(node: Identifier, blocks: readonly Block[]): void {
    const variable = lookUp(blocks, node.name);
    if (variable !== undefined) {
      this.uses.set(node, variable);
      this.places.set(node, blocks);
    } else this.globals.push({ node, written: false });
  }

  /** What is on the right is read first: `local n = n` reads the outer `n`. */
  #set(node: LocalStatement | AssignmentStatement, blocks: readonly Block[]): void {
    for (const each of node.init) this.#visit(each, blocks);
    for (const [index, each] of node.variables.entries()) {
      const value = valueAt(node.init, index);
      if (node.type === "LocalStatement") this.#declare(blocks, each as Identifier, "local", { value, at: rangeOf(node)[1] });
      else this.#assign(each, { value, at: rangeOf(node)[1], blocks });
    }
  }

  #assign(target: Node, definition: Definition): void {
    const { blocks } = definition;
    if (target.type === "Identifier") {
      const variable = lookUp(blocks, target.name);
      if (variable === undefined) this.globals.push({ node: target, written: true });
      else {
        variable.definitions.push(definition);
        this.uses.set(target, variable);
      }
      return;
    }
    if ((target.type === "IndexExpression" || target.type === "MemberExpression") && target.base.type === "Identifier") {
      lookUp(blocks, target.base.name)?.memberWrites.push(target);
    }
    this.#visit(target, blocks);
  }

  #function(node: FunctionDeclaration, blocks: readonly Block[]): void {
    const { identifier } = node;
    if (identifier?.type === "Identifier" && node.isLocal)
      this.#declare(blocks, identifier, "function", { value: node, at: rangeOf(node)[0] });
    else if (identifier !== null) this.#assign(identifier, { value: node, at: rangeOf(node)[1], blocks });
    const block = newBlock(node);
    for (const [position, each] of node.parameters.entries()) {
      if (each.type === "Identifier") this.#declare([...blocks, block], each, "parameter", { owner: node, position });
    }
    this.block(node.body, blocks, block);
  }

  #loop(node: ForNumericStatement | ForGenericStatement, blocks: readonly Block[]): void {
    const numeric = node.type === "ForNumericStatement";
    const heads = numeric ? [node.start, node.end, node.step] : node.iterators;
    for (const each of heads) if (each !== null) this.#visit(each, blocks);
    const block = newBlock(blocks.at(-1)?.owner);
    for (const [position, each] of (numeric ? [node.variable] : node.variables).entries()) {
      this.#declare([...blocks, block], each, numeric ? "counter" : "element", { owner: node, position });
    }
    this.block(node.body, blocks, block);
  }

  #declare(blocks: readonly Block[], declaration: Identifier, role: Variable["role"], introduction: Introduction): void {
    const { value = "given", at = rangeOf(declaration)[0], owner, position = 0 } = introduction;
    const variable: Variable = {
      name: declaration.name,
      declaration,
      role,
      definitions: [{ value, at, blocks }],
      memberWrites: [],
      owner,
      position,
    };
    blocks.at(-1)?.names.set(declaration.name, variable);
    this.variables.push(variable);
    this.uses.set(declaration, variable);
    this.places.set(declaration, blocks);
  }
}

function newBlock(owner: Node | undefined): Block {
  return { names: new Map(), owner };
}

function lookUp(blocks: readonly Block[], name: string): Variable | undefined {
  return blocks.findLast(({ names }) => names.has(name))?.names.get(name);
}

/** What the variable at an index gets: a call at the end of the list gives all that are left. */
function valueAt(values: readonly Expression[], index: number): Expression | "nil" | "unknown" {
  const value = values[index];
  if (value !== undefined) return value;
  return values.at(-1)?.type.endsWith("CallExpression") || values.at(-1)?.type === "VarargLiteral" ? "unknown" : "nil";
}

/** Uses of names that are neither locals nor part of Redis' sandbox, and of `KEYS` and `ARGV`. */
export function findGlobals(chunk: Node): readonly GlobalUse[] {
  return resolveScopes(chunk).globals.filter(
    ({ node, written }) => written || !sandbox.has(node.name) || /^(?:KEYS|ARGV)$/.test(node.name),
  );
}
