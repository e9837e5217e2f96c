import type { Collection } from "./value.ts";

const smallest = 4;

// What Redis takes, about, so that a maxmemory means the same here.
const bytesOfList = 96;
const bytesOfElement = 2;

/**
 * A list as a ring in one array, whose length is a power of two: pushing and popping at either end, and reading by index, take the
 * same time however long it is. Inserting and removing inside move what lies on the shorter side.
 */
export class List implements Collection {
  readonly type = "list";
  readonly encoding = "quicklist";
  counted = 0;
  #ring: (string | undefined)[] = new Array(smallest).fill(undefined);
  #first = 0;
  #size = 0;
  #chars = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return bytesOfList + this.#chars + this.#size * bytesOfElement;
  }

  /** The element at an index from 0 on, which must be one of the list's. */
  at(index: number): string {
    return this.#ring[(this.#first + index) & (this.#ring.length - 1)] as string;
  }

  set(index: number, element: string): void {
    const place = (this.#first + index) & (this.#ring.length - 1);
    this.#chars += element.length - (this.#ring[place] as string).length;
    this.#ring[place] = element;
  }

  pushLeft(element: string): void {
    if (this.#size === this.#ring.length) this.#resize(this.#ring.length * 2);
    this.#first = (this.#first - 1) & (this.#ring.length - 1);
    this.#ring[this.#first] = element;
    this.#size++;
    this.#chars += element.length;
  }

  pushRight(element: string): void {
    if (this.#size === this.#ring.length) this.#resize(this.#ring.length * 2);
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = element;
    this.#size++;
    this.#chars += element.length;
  }

  popLeft(): string | undefined {
    if (this.#size === 0) return undefined;
    const element = this.#ring[this.#first] as string;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#size--;
    this.#chars -= element.length;
    this.#shrink();
    return element;
  }

  popRight(): string | undefined {
    if (this.#size === 0) return undefined;
    const place = (this.#first + this.#size - 1) & (this.#ring.length - 1);
    const element = this.#ring[place] as string;
    this.#ring[place] = undefined;
    this.#size--;
    this.#chars -= element.length;
    this.#shrink();
    return element;
  }

  /** The elements from one index to another, both included, which must be the list's. */
  range(from: number, to: number): string[] {
    const mask = this.#ring.length - 1;
    const elements: string[] = [];
    for (let index = from; index <= to; index++) elements.push(this.#ring[(this.#first + index) & mask] as string);
    return elements;
  }

  /** Inserts before the element at an index; at the end if that is the size. */
  insert(index: number, element: string): void {
    if (index < this.#size - index) {
      this.pushLeft(element);
      for (let at = 0; at < index; at++) this.#put(at, this.at(at + 1));
    } else {
      this.pushRight(element);
      for (let at = this.#size - 1; at > index; at--) this.#put(at, this.at(at - 1));
    }
    this.#put(index, element);
  }

  /** The index of the first such element, or -1. */
  indexOf(element: string): number {
    for (let index = 0; index < this.#size; index++) if (this.at(index) === element) return index;
    return -1;
  }

  /** Removes up to `limit` elements that are equal to this one, from the left or from the right. @returns how many it found */
  removeEqual(element: string, limit: number, fromRight: boolean): number {
    let removed = 0;
    for (let step = 0; step < this.#size; step++) {
      const from = fromRight ? this.#size - 1 - step : step;
      const each = this.at(from);
      if (removed < limit && each === element) removed++;
      else if (removed > 0) this.#put(fromRight ? from + removed : from - removed, each);
    }
    for (let left = removed; left > 0; left--) {
      // What is cut off are leftovers of what was moved; the account is of those that went.
      const cut = fromRight ? this.popLeft() : this.popRight();
      this.#chars += (cut as string).length - element.length;
    }
    return removed;
  }

  /** Keeps the elements from one index to another, both included, which must be the list's; none if `from` is beyond `to`. */
  keep(from: number, to: number): void {
    for (let left = this.#size - 1 - Math.max(to, from - 1); left > 0; left--) this.popRight();
    for (let left = Math.min(from, this.#size); left > 0; left--) this.popLeft();
  }

  copy(): List {
    const copy = new List();
    copy.#ring = this.#ring.slice();
    copy.#first = this.#first;
    copy.#size = this.#size;
    copy.#chars = this.#chars;
    return copy;
  }

  #put(index: number, element: string): void {
    this.#ring[(this.#first + index) & (this.#ring.length - 1)] = element;
  }

  #shrink(): void {
    const length = this.#ring.length;
    if (length > smallest && this.#size < length >>> 2) this.#resize(length >>> 1);
  }

  #resize(length: number): void {
    const mask = this.#ring.length - 1;
    const ring: (string | undefined)[] = [];
    for (let index = 0; index < this.#size; index++) ring.push(this.#ring[(this.#first + index) & mask]);
    while (ring.length < length) ring.push(undefined);
    this.#ring = ring;
    this.#first = 0;
  }
}
