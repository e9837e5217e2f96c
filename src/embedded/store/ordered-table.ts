import { SteadyMap } from "./steady-map.ts";

/**
 * Names, each with a value or with none, in the order in which they came: what a large hash or set is kept in.
 *
 * Beside the Map that finds a name stands an array in the order of arrival, for what a Map cannot give: a name at random, each as
 * likely as any other, and a scan from a given place. Each name has the number of its arrival for as long as it stays. A scan goes
 * downwards and its cursor is the number of the last one visited: every name that stays is met, whatever comes and goes meanwhile,
 * and the scan ends however fast names are added, because they are added behind its back.
 */
export class OrderedTable {
  readonly #slots = new SteadyMap<number>();
  #names: (string | undefined)[] = [];
  /** Empty if this is a set. */
  #values: (string | undefined)[] = [];
  #arrivals: number[] = [];
  #last = 0;

  get size(): number {
    return this.#slots.size;
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  get(name: string): string | undefined {
    const slot = this.#slots.get(name);
    return slot === undefined ? undefined : this.#values[slot];
  }

  /** Adds a name without a value. A table has values for all names or for none. @returns whether it is new */
  add(name: string): boolean {
    if (this.#slots.has(name)) return false;
    this.#append(name);
    return true;
  }

  /** Adds a name, or changes its value in its place. @returns the value it had */
  set(name: string, value: string): string | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      this.#append(name);
      this.#values.push(value);
      return undefined;
    }
    const former = this.#values[slot];
    this.#values[slot] = value;
    return former;
  }

  delete(name: string): boolean {
    const slot = this.#slots.get(name);
    if (slot === undefined) return false;
    this.#slots.delete(name);
    this.#names[slot] = undefined;
    if (this.#values.length !== 0) this.#values[slot] = undefined;
    if (this.#names.length > 2 * this.#slots.size + 16) this.#close();
    return true;
  }

  names(): string[] {
    const names: string[] = [];
    for (const name of this.#names) if (name !== undefined) names.push(name);
    return names;
  }

  values(): string[] {
    const values: string[] = [];
    for (const value of this.#values) if (value !== undefined) values.push(value);
    return values;
  }

  /** Names and values in turn. */
  entries(): string[] {
    const entries: string[] = [];
    for (let slot = 0; slot < this.#names.length; slot++) {
      const name = this.#names[slot];
      if (name !== undefined) entries.push(name, this.#values[slot] as string);
    }
    return entries;
  }

  /** Any name, each as likely as the other. The table must not be empty. */
  random(): string {
    // Less than half of the slots (and sixteen) are vacant, so this takes two tries on average.
    for (;;) {
      const name = this.#names[Math.floor(Math.random() * this.#names.length)];
      if (name !== undefined) return name;
    }
  }

  /**
   * Adds to `found` up to `count` names that arrived before the cursor, the latest first; 0 begins.
   *
   * @returns the cursor with which to go on; 0 if nothing is left
   */
  scan(cursor: number, count: number, found: string[]): number {
    let slot = cursor === 0 ? this.#names.length - 1 : this.#slotBefore(cursor);
    for (let left = count; slot >= 0 && left > 0; slot--) {
      const name = this.#names[slot];
      if (name === undefined) continue;
      found.push(name);
      left--;
    }
    return slot < 0 ? 0 : (this.#arrivals[slot + 1] as number);
  }

  copy(): OrderedTable {
    const copy = new OrderedTable();
    for (let slot = 0; slot < this.#names.length; slot++) {
      const name = this.#names[slot];
      if (name === undefined) continue;
      copy.#append(name);
      if (this.#values.length !== 0) copy.#values.push(this.#values[slot]);
    }
    return copy;
  }

  #append(name: string): void {
    this.#slots.set(name, this.#names.length);
    this.#names.push(name);
    this.#arrivals.push(++this.#last);
  }

  /** The last slot whose name arrived before the cursor. */
  #slotBefore(cursor: number): number {
    let low = 0;
    let high = this.#arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#arrivals[middle] as number) < cursor) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Moves what is left together. Numbers of arrival stay, so that cursors do. */
  #close(): void {
    const names: string[] = [];
    const values: (string | undefined)[] = [];
    const arrivals: number[] = [];
    for (let slot = 0; slot < this.#names.length; slot++) {
      const name = this.#names[slot];
      if (name === undefined) continue;
      this.#slots.set(name, names.length);
      names.push(name);
      if (this.#values.length !== 0) values.push(this.#values[slot]);
      arrivals.push(this.#arrivals[slot] as number);
    }
    this.#names = names;
    this.#values = values;
    this.#arrivals = arrivals;
  }
}
