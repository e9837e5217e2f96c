import { parseInteger } from "../value/index.ts";
import { OrderedTable } from "./ordered-table.ts";
import type { Urn } from "./sampling.ts";
import type { Collection } from "./value.ts";

/** Redis' `set-max-intset-entries`. */
const intsetEntries = 512;

/** Up to so many members that are not all integers stay in one array. */
const fewMembers = 24;

// What Redis takes, about, so that a maxmemory means the same here.
const bytesOfIntset = 24;
const bytesOfInteger = 8;
const bytesOfTable = 120;
const bytesOfTableMember = 48;

/** The members of a Redis set. While all are integers, and no more than 512, they are in the order of their numbers. */
export class MemberSet implements Collection, Urn {
  readonly type = "set";
  counted = 0;
  /** In the order of their numbers; as text, which holds all 64 bits and is what is asked for. */
  #integers: string[] | undefined = [];
  #few: string[] | undefined;
  #table: OrderedTable | undefined;
  #chars = 0;

  get size(): number {
    const list = this.#integers ?? this.#few;
    return list === undefined ? (this.#table as OrderedTable).size : list.length;
  }

  get bytes(): number {
    if (this.#integers !== undefined) return bytesOfIntset + this.#integers.length * bytesOfInteger;
    return bytesOfTable + this.#chars + this.size * bytesOfTableMember;
  }

  get encoding(): string {
    return this.#integers === undefined ? "hashtable" : "intset";
  }

  has(member: string): boolean {
    if (this.#table !== undefined) return this.#table.has(member);
    if (this.#few !== undefined) return this.#few.includes(member);
    const integers = this.#integers as string[];
    return integers[placeOf(integers, member)] === member;
  }

  /** @returns whether it is new */
  add(member: string): boolean {
    if (this.#integers !== undefined && parseInteger(member) === undefined) this.#giveUpIntegers();
    const added = this.#integers !== undefined ? this.#addInteger(this.#integers, member) : this.#addOther(member);
    if (added) this.#chars += member.length;
    return added;
  }

  delete(member: string): boolean {
    if (!this.#drop(member)) return false;
    this.#chars -= member.length;
    return true;
  }

  /** The members. The list is the caller's own. */
  names(): string[] {
    const list = this.#integers ?? this.#few;
    return list === undefined ? (this.#table as OrderedTable).names() : list.slice();
  }

  /** Any member, each as likely as the other. */
  random(): string {
    const list = this.#integers ?? this.#few;
    if (list === undefined) return (this.#table as OrderedTable).random();
    return list[Math.floor(Math.random() * list.length)] as string;
  }

  /** Adds members to `found`, from the cursor on. Integers come all at once. @returns the next cursor, or 0 */
  scan(cursor: number, count: number, found: string[]): number {
    if (this.#table !== undefined) return this.#table.scan(cursor, count, found);
    for (const name of (this.#integers ?? this.#few) as string[]) found.push(name);
    return 0;
  }

  copy(): MemberSet {
    const copy = new MemberSet();
    copy.#integers = this.#integers?.slice();
    copy.#few = this.#few?.slice();
    copy.#table = this.#table?.copy();
    copy.#chars = this.#chars;
    return copy;
  }

  #addInteger(integers: string[], member: string): boolean {
    const place = placeOf(integers, member);
    if (integers[place] === member) return false;
    if (place === integers.length) integers.push(member);
    else integers.splice(place, 0, member);
    if (integers.length > intsetEntries) this.#giveUpIntegers();
    return true;
  }

  #addOther(member: string): boolean {
    if (this.#table !== undefined) return this.#table.add(member);
    const few = this.#few as string[];
    if (few.includes(member)) return false;
    if (few.length < fewMembers) few.push(member);
    else this.#fillTable(few).add(member);
    return true;
  }

  #drop(member: string): boolean {
    if (this.#table !== undefined) return this.#table.delete(member);
    const list = (this.#integers ?? this.#few) as string[];
    const place = this.#integers === undefined ? list.indexOf(member) : placeOf(list, member);
    if (place === -1 || list[place] !== member) return false;
    list.splice(place, 1);
    return true;
  }

  #giveUpIntegers(): void {
    const integers = this.#integers as string[];
    this.#integers = undefined;
    if (integers.length <= fewMembers) this.#few = integers;
    else this.#fillTable(integers);
  }

  #fillTable(members: readonly string[]): OrderedTable {
    const table = new OrderedTable();
    for (const member of members) table.add(member);
    this.#few = undefined;
    this.#table = table;
    return table;
  }
}

/** Where an integer is in the order of numbers, or where it would be. What is no integer is somewhere. */
function placeOf(integers: readonly string[], member: string): number {
  let low = 0;
  let high = integers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isLess(integers[middle] as string, member)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares integers by their digits: none has leading zeros. */
function isLess(a: string, b: string): boolean {
  const negative = a.charCodeAt(0) === 45;
  if (negative !== (b.charCodeAt(0) === 45)) return negative;
  if (a.length !== b.length) return a.length < b.length !== negative;
  return a !== b && a < b !== negative;
}
