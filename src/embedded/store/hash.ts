import { OrderedTable } from "./ordered-table.ts";
import type { Urn } from "./sampling.ts";
import type { Collection } from "./value.ts";

/** Redis' `hash-max-listpack-entries` and `hash-max-listpack-value`. */
const listpackEntries = 512;
const listpackValue = 64;

/** Up to so many fields stay in one array: half the memory of a Map, and as fast, because fields differ in length or are one string. */
const fewFields = 24;

/** The names of fields that were stored last. Hashes tend to have the same ones, and then share them: a quarter of their memory. */
const sharedNames: string[] = new Array(1024).fill("");

// What Redis takes, about, so that a maxmemory means the same here: within a tenth for large hashes.
const bytesOfListpack = 24;
const bytesOfListpackField = 4;
const bytesOfTable = 120;
const bytesOfTableField = 56;

/** Fields and their values. The order is that in which the fields came, which Redis keeps as long as the hash is a listpack. */
export class Hash implements Collection, Urn {
  readonly type = "hash";
  counted = 0;
  /** Fields and values in turn, while they are few. */
  #few: string[] | undefined = [];
  #table: OrderedTable | undefined;
  #encoding: "listpack" | "hashtable" = "listpack";
  #chars = 0;

  /** A hash of these fields and values in turn. Takes the array over. */
  static of(entries: string[]): Hash {
    const hash = new Hash();
    if (entries.length > 2 * fewFields || hasRepeats(entries)) {
      for (let at = 0; at < entries.length; at += 2) hash.set(entries[at] as string, entries[at + 1] as string);
      return hash;
    }
    // As it came: an array that grows by itself has room for twenty more than it needs.
    for (let at = 0; at < entries.length; at++) {
      hash.#chars += (entries[at] as string).length;
      if (at % 2 === 0) entries[at] = shared(entries[at] as string);
    }
    hash.#few = entries;
    return hash;
  }

  get size(): number {
    return this.#few === undefined ? (this.#table as OrderedTable).size : this.#few.length >>> 1;
  }

  get bytes(): number {
    if (this.#encoding === "listpack") return bytesOfListpack + this.#chars + this.size * bytesOfListpackField;
    return bytesOfTable + this.#chars + this.size * bytesOfTableField;
  }

  get encoding(): string {
    return this.#encoding;
  }

  get(field: string): string | undefined {
    const few = this.#few;
    if (few === undefined) return (this.#table as OrderedTable).get(field);
    for (let at = 0; at < few.length; at += 2) if (few[at] === field) return few[at + 1];
    return undefined;
  }

  has(field: string): boolean {
    return this.get(field) !== undefined;
  }

  /** @returns whether the field is new */
  set(field: string, value: string): boolean {
    const former =
      this.#few === undefined ? (this.#table as OrderedTable).set(field, value) : this.#setFew(this.#few, field, value);
    if (former !== undefined) {
      this.#chars += value.length - former.length;
      return false;
    }
    this.#chars += field.length + value.length;
    if (this.size > listpackEntries) this.#encoding = "hashtable";
    return true;
  }

  delete(field: string): boolean {
    const value = this.get(field);
    if (value === undefined) return false;
    const few = this.#few;
    if (few === undefined) {
      (this.#table as OrderedTable).delete(field);
    } else {
      for (let at = indexOfField(few, field); at < few.length - 2; at++) few[at] = few[at + 2] as string;
      few.length -= 2;
    }
    this.#chars -= field.length + value.length;
    return true;
  }

  /** A field or value of this length is about to be stored: beyond 64 bytes Redis gives up the listpack. */
  expect(text: string): void {
    if (text.length > listpackValue) this.#encoding = "hashtable";
  }

  names(): string[] {
    const few = this.#few;
    return few === undefined ? (this.#table as OrderedTable).names() : everySecond(few, 0);
  }

  values(): string[] {
    const few = this.#few;
    return few === undefined ? (this.#table as OrderedTable).values() : everySecond(few, 1);
  }

  /** Fields and values in turn. */
  entries(): string[] {
    return this.#few === undefined ? (this.#table as OrderedTable).entries() : this.#few.slice();
  }

  /** Any field, each as likely as the other. */
  random(): string {
    const few = this.#few;
    if (few === undefined) return (this.#table as OrderedTable).random();
    return few[2 * Math.floor((Math.random() * few.length) / 2)] as string;
  }

  /** Adds fields to `found`, from the cursor on. A listpack gives all at once. @returns the next cursor, or 0 */
  scan(cursor: number, count: number, found: string[]): number {
    const all = this.#encoding === "listpack" || this.#few !== undefined;
    if (!all) return (this.#table as OrderedTable).scan(cursor, count, found);
    for (const name of this.names()) found.push(name);
    return 0;
  }

  copy(): Hash {
    const copy = new Hash();
    copy.#few = this.#few?.slice();
    copy.#table = this.#table?.copy();
    copy.#encoding = this.#encoding;
    copy.#chars = this.#chars;
    return copy;
  }

  #setFew(few: string[], field: string, value: string): string | undefined {
    const at = indexOfField(few, field);
    if (at !== -1) {
      const former = few[at + 1];
      few[at + 1] = value;
      return former;
    }
    if (few.length < 2 * fewFields) {
      few.push(shared(field), value);
      return undefined;
    }
    const table = new OrderedTable();
    for (let each = 0; each < few.length; each += 2) table.set(few[each] as string, few[each + 1] as string);
    table.set(field, value);
    this.#few = undefined;
    this.#table = table;
    return undefined;
  }
}

/** The same text, and the same string if it was stored lately. */
function shared(name: string): string {
  const { length } = name;
  if (length === 0 || length > 32) return name;
  const middle = name.charCodeAt(length >>> 1);
  const place = (name.charCodeAt(0) * 31 + middle * 131 + name.charCodeAt(length - 1) * 7 + length) & (sharedNames.length - 1);
  const present = sharedNames[place] as string;
  if (present === name) return present;
  sharedNames[place] = name;
  return name;
}

function hasRepeats(entries: readonly string[]): boolean {
  for (let at = 2; at < entries.length; at += 2) {
    for (let before = 0; before < at; before += 2) if (entries[before] === entries[at]) return true;
  }
  return false;
}

function indexOfField(few: readonly string[], field: string): number {
  for (let at = 0; at < few.length; at += 2) if (few[at] === field) return at;
  return -1;
}

function everySecond(few: readonly string[], from: number): string[] {
  const taken: string[] = [];
  for (let at = from; at < few.length; at += 2) taken.push(few[at] as string);
  return taken;
}
