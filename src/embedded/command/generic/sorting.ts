import { type Database, Hash, List, MemberSet, SortedSet, typeOf } from "../../store/index.ts";
import { parseDouble, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";
import { type SortOptions, sortKeys, sortOptions } from "./sort-options.ts";

const notNumbers = refuse("One or more scores can't be converted into double");

/** An element and what it is sorted by: a number, or text; neither where the key of its pattern is not there. */
interface Weighed {
  readonly element: string;
  readonly score: number;
  readonly text: string | undefined;
}

function sort({ db }: CommandContext, args: readonly string[], readOnly: boolean): Reply {
  const options = sortOptions(args, readOnly);
  const elements = inRange(sorted(db, args[1] as string, options), options);
  const replies =
    options.get.length === 0 ? elements : elements.flatMap((element) => options.get.map((by) => lookUp(db, by, element)));
  if (options.store === undefined) return replies.map((reply) => reply ?? null);
  return store(
    db,
    options.store,
    replies.map((reply) => reply ?? ""),
  );
}

function store(db: Database, key: string, elements: readonly string[]): number {
  if (elements.length === 0) {
    if (db.remove(key)) db.changed(key, "g", "del");
    return 0;
  }
  const list = new List();
  for (const element of elements) list.pushRight(element);
  db.set(key, list);
  db.changed(key, "l", "sortstore", elements.length);
  return elements.length;
}

/** All elements of the key in the order asked for. */
function sorted(db: Database, key: string, options: SortOptions): string[] {
  const value = db.get(key) ?? new List();
  const { asIs } = options;
  // A set that is stored has to have some order of its own.
  if (asIs && !(value instanceof MemberSet && options.store !== undefined)) {
    const elements = elementsOf(value);
    return options.descending && !(value instanceof MemberSet) ? elements.reverse() : elements;
  }
  const by = asIs ? undefined : options.by;
  const alphabetical = asIs || options.alphabetical;
  const weighed = elementsOf(value).map((element) =>
    weigh(element, by === undefined ? element : lookUp(db, by, element), alphabetical),
  );
  const compare = alphabetical ? compareTexts : compareScores;
  weighed.sort(options.descending ? (a, b) => -compare(a, b) : compare);
  return weighed.map(({ element }) => element);
}

function elementsOf(value: unknown): string[] {
  if (value instanceof MemberSet) return [...value.names()];
  if (value instanceof List) return value.range(0, value.size - 1);
  if (value instanceof SortedSet) {
    value.leaveListpack();
    return value.range(0, value.size);
  }
  throw refusals.wrongType;
}

function inRange(elements: string[], { offset, limit }: SortOptions): string[] {
  if (offset <= 0 && limit < 0) return elements;
  const from = Math.max(0, offset);
  return elements.slice(from, limit < 0 ? elements.length : from + limit);
}

function weigh(element: string, by: string | undefined, alphabetical: boolean): Weighed {
  if (alphabetical || by === undefined) return { element, score: 0, text: by };
  // As C reads it: up to the first NUL, and nothing at all is 0.
  const end = by.indexOf("\0");
  const text = end === -1 ? by : by.slice(0, end);
  const score = text === "" ? 0 : parseDouble(text.replace(/^[ \t-\r]+/, ""));
  if (score === undefined) throw notNumbers;
  return { element, score, text: undefined };
}

/** Equal scores are put in the order of the elements themselves. */
function compareScores(a: Weighed, b: Weighed): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.element < b.element ? -1 : a.element > b.element ? 1 : 0;
}

/** What has no text comes first. */
function compareTexts(a: Weighed, b: Weighed): number {
  if (a.text === b.text) return 0;
  if (a.text === undefined || b.text === undefined) return a.text === undefined ? -1 : 1;
  return a.text < b.text ? -1 : 1;
}

/** What a pattern finds for an element: its `*` becomes the element, `->` is followed by the field of a hash, `#` is the element. */
function lookUp(db: Database, pattern: string, element: string): string | undefined {
  if (pattern === "#") return element;
  const star = pattern.indexOf("*");
  if (star === -1) return undefined;
  const arrow = pattern.indexOf("->", star + 1);
  const hasField = arrow !== -1 && arrow + 2 < pattern.length;
  const value = db.get(pattern.slice(0, star) + element + pattern.slice(star + 1, hasField ? arrow : undefined));
  if (value === undefined) return undefined;
  if (hasField) return value instanceof Hash ? value.get(pattern.slice(arrow + 2)) : undefined;
  return typeOf(value) === "string" ? value.toString() : undefined;
}

/** SORT, which orders what a list, a set or a sorted set holds. */
export const sorting: readonly CommandSpec[] = [
  {
    name: "sort",
    arity: -2,
    group: "generic",
    flags: ["write", "denyoom", "movablekeys"],
    keys: [1, 1, 1],
    findKeys: sortKeys,
    run: (context, args) => sort(context, args, false),
  },
  {
    name: "sort_ro",
    arity: -2,
    group: "generic",
    flags: ["readonly", "movablekeys"],
    keys: [1, 1, 1],
    findKeys: () => [1],
    run: (context, args) => sort(context, args, true),
  },
];
