import { KeyOrder } from "./key-order.ts";
import type { Urn } from "./sampling.ts";
import { Branch, Leaf, lowered, type Node } from "./sorted-set-tree.ts";
import type { Collection } from "./value.ts";

// Redis' own limits of the small encoding.
const listpackEntries = 128;
const listpackMember = 64;

// Up to here a member is found faster by looking at each than through a Map, which would also cost three times the memory.
const scanned = 12;

// What Redis takes, as its MEMORY USAGE tells it: an entry of a listpack; or of a table and a skip list, with its share of both.
const bytesOfListpack = 16;
const bytesPerEntry = 10;
const bytesOfSkiplist = 816;
const bytesPerNode = 104;

/**
 * Members with a score each, in order of score and then of bytes. Scores are never NaN.
 *
 * A Map finds the score of a member; the tree finds the place of a score and a member, and what is at a rank.
 */
export class SortedSet implements Collection, Urn {
  readonly type = "zset";
  counted = 0;
  #scores: Map<string, number> | undefined;
  #root: Node = new Leaf();
  #listpack: boolean;
  #chars = 0;
  #order: KeyOrder | undefined;

  /** @param expected how many members it will have, if that is known: many do not begin in the small encoding */
  constructor(expected = 0) {
    this.#listpack = expected <= listpackEntries;
  }

  /**
   * A set of the scores given: in the small encoding if they fit, unless it is only to be looked at, because that would lose the
   * sign of -0.
   */
  static of(scores: ReadonlyMap<string, number>, lookedAt = false): SortedSet {
    const set = new SortedSet();
    set.#listpack = !lookedAt && scores.size <= listpackEntries;
    for (const member of scores.keys()) if (member.length > listpackMember) set.#listpack = false;
    for (const [member, score] of scores) set.add(member, score);
    return set;
  }

  get size(): number {
    return this.#root.size;
  }

  get bytes(): number {
    if (this.#listpack) return bytesOfListpack + this.#chars + this.size * bytesPerEntry;
    return bytesOfSkiplist + this.#chars + this.size * bytesPerNode;
  }

  get encoding(): string {
    return this.#listpack ? "listpack" : "skiplist";
  }

  /** Takes up the large encoding, as SORT makes a sorted set do in passing. */
  leaveListpack(): void {
    this.#listpack = false;
  }

  score(member: string): number | undefined {
    if (this.#scores !== undefined) return this.#scores.get(member);
    const leaf = this.#root as Leaf;
    const at = leaf.members.indexOf(member);
    return at === -1 ? undefined : leaf.scores[at];
  }

  /** Adds a member that is not there yet. */
  add(member: string, score: number): void {
    if (this.#listpack && (this.size >= listpackEntries || member.length > listpackMember)) this.#listpack = false;
    this.#insert(member, score);
    if (this.#scores !== undefined) {
      this.#scores.set(member, this.#stored(score));
      this.#order?.add(member, this.#scores);
    } else if (this.size > scanned) {
      this.#scores = this.#mapped();
    }
    this.#chars += member.length;
  }

  /** Gives a member that is there another score. */
  move(member: string, from: number, to: number): void {
    this.#root.remove(from, member);
    this.#insert(member, to);
    this.#scores?.set(member, this.#stored(to));
  }

  /** @returns whether the member was there */
  remove(member: string): boolean {
    const score = this.score(member);
    if (score === undefined) return false;
    this.#scores?.delete(member);
    this.#root.remove(score, member);
    this.#root = lowered(this.#root);
    this.#chars -= member.length;
    return true;
  }

  /** How many members come before one that is there. */
  rank(member: string, score: number): number {
    return this.#root.rank(score, member);
  }

  /** How many members have a score below this one, or with `inclusive` not above it. */
  rankOfScore(score: number, inclusive: boolean): number {
    return this.#root.rankOfScore(score, inclusive);
  }

  /** How many members are less in bytes than this one, or with `inclusive` not greater: if all scores are the same. */
  rankOfMember(member: string, inclusive: boolean): number {
    return this.#root.rankOfMember(member, inclusive);
  }

  /** The members of ranks `from` until `to`, in order; their scores are appended to the array given, if any. */
  range(from: number, to: number, scores?: number[]): string[] {
    const members: string[] = [];
    const end = Math.min(to, this.size);
    if (from < end) this.#root.collect(from, end, members, scores);
    return members;
  }

  /** Removes the members of ranks `from` until `to`, and answers as {@link range} does. */
  removeRange(from: number, to: number, scores?: number[]): string[] {
    const members = this.range(from, to, scores);
    if (members.length === this.size) {
      this.#root = new Leaf();
      this.#scores = undefined;
      this.#order = undefined;
      this.#chars = 0;
      return members;
    }
    if (members.length === 0) return members;
    this.#root.removeRange(from, from + members.length);
    this.#root = lowered(this.#root);
    for (const member of members) {
      this.#scores?.delete(member);
      this.#chars -= member.length;
    }
    return members;
  }

  /** All members, the greatest score first. */
  names(): string[] {
    return this.range(0, this.size).reverse();
  }

  /** Any member, each as likely as the other. */
  random(): string {
    const rank = Math.floor(Math.random() * this.size);
    return this.range(rank, rank + 1)[0] as string;
  }

  /** Adds members to `found`, from the cursor on. A listpack gives all at once. @returns the next cursor, or 0 */
  scan(cursor: number, count: number, found: string[]): number {
    const scores = this.#scores;
    if (this.#listpack || scores === undefined) {
      for (const member of this.range(0, this.size)) found.push(member);
      return 0;
    }
    if (this.#order === undefined) this.#order = new KeyOrder(scores.keys());
    else this.#order.tidy(scores);
    let at = this.#order.indexBefore(cursor);
    for (let left = count; at >= 0 && left > 0; at--) {
      const member = this.#order.at(at);
      if (!scores.has(member)) continue;
      found.push(member);
      left--;
    }
    return this.#order.cursorAt(at + 1);
  }

  copy(): SortedSet {
    const set = new SortedSet();
    set.#scores = this.#scores === undefined ? undefined : new Map(this.#scores);
    set.#root = this.#root.copy();
    set.#listpack = this.#listpack;
    set.#chars = this.#chars;
    return set;
  }

  #insert(member: string, score: number): void {
    const split = this.#root.insert(this.#stored(score), member);
    if (split !== undefined) this.#root = Branch.over(this.#root, split);
  }

  // A listpack holds whole numbers as integers, in which the sign of -0 is lost.
  #stored(score: number): number {
    return this.#listpack ? score + 0 : score;
  }

  #mapped(): Map<string, number> {
    const leaf = this.#root as Leaf;
    const scores = new Map<string, number>();
    for (let at = 0; at < leaf.members.length; at++) scores.set(leaf.members[at] as string, leaf.scores[at] as number);
    return scores;
  }
}
