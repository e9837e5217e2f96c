import type { Expression, Identifier, IndexExpression, MemberExpression, Node } from "luaparse";

/**
 * What a variable is set to: an expression; `nil` where it is declared with nothing; `unknown` where it is one of several
 * results of a call; `given` where a caller or a loop sets it.
 */
export type Value = Expression | "nil" | "unknown" | "given";

/** A block of the text. Two places are in one block if they hold the same object. */
export interface Block {
  readonly names: Map<string, Variable>;
  /** The function that it is in. */
  readonly owner: Node | undefined;
}

/** A place in the text, with the blocks around it, outermost first. */
export interface Place {
  readonly at: number;
  readonly blocks: readonly Block[];
}

/** One time that a variable is set. */
export interface Definition extends Place {
  readonly value: Value;
}

/** A local variable: where it is declared, and everything that is ever put into it. */
export interface Variable {
  readonly name: string;
  readonly declaration: Identifier;
  /** How it came about. A counter is the variable of a numeric `for`. */
  readonly role: "local" | "parameter" | "counter" | "element" | "function";
  readonly definitions: Definition[];
  /** Assignments to a member of it: `t[i] = x`, `t.name = x`. */
  readonly memberWrites: (IndexExpression | MemberExpression)[];
  /** Of a parameter: its function; of a counter or an element: its loop. */
  readonly owner: Node | undefined;
  /** Which parameter of its function, or which name of its loop. */
  readonly position: number;
}

/** Every value that a variable can have at a place: those that another is not certain to have taken the place of. */
export function valuesAt({ definitions }: Variable, use: Place): readonly Value[] {
  return definitions
    .filter((definition) => !definitions.some((later) => replaces(later, definition, use)))
    .map(({ value }) => value);
}

/**
 * Whether whoever comes from a definition to the use has passed a later definition: it lies between the two, in a block that
 * is around one of them. Between functions nothing is certain, because a call may come at any time.
 */
function replaces(later: Definition, earlier: Definition, use: Place): boolean {
  const block = later.blocks.at(-1);
  if (block === undefined || !(earlier.at < later.at && later.at <= use.at)) return false;
  if ([earlier, use].some(({ blocks }) => blocks.at(-1)?.owner !== block.owner)) return false;
  return earlier.blocks.includes(block) || use.blocks.includes(block);
}
