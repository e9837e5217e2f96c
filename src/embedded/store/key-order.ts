/** At most so many entries that stand for no key any more, above as many as there are keys, before they are cleared away. */
const slack = 1024;

/**
 * The order in which keys came, for what a Map cannot give: SCAN from a given place, and a key at random.
 *
 * Each key has the number of its arrival. SCAN goes through the numbers downwards and its cursor is the last one visited, so a
 * cursor says by itself what is left: every key that was there all the time is met, whatever comes and goes meanwhile, and a scan
 * ends however fast keys are added, because they are added behind its back. A key that went leaves its entry until there are more
 * of those than keys. If it comes back it has two, and may be met twice, as in Redis; so one that a command replaced is not missed.
 *
 * Built when first asked for, and kept: 16 bytes a key.
 */
export class KeyOrder {
  #keys: string[] = [];
  #arrivals: number[] = [];
  #last = 0;

  /** @param keys of the database, in the order of the Map, which is that of arrival */
  constructor(keys: Iterable<string>) {
    for (const key of keys) this.#push(key);
  }

  /** Entries, those included whose key has gone. */
  get length(): number {
    return this.#keys.length;
  }

  /** Notes that a key came. */
  add(key: string, living: ReadonlyMap<string, unknown>): void {
    this.#push(key);
    if (this.#keys.length > 2 * living.size + slack) this.#clear(living);
  }

  /** The key of an entry; it may have gone. */
  at(index: number): string {
    return this.#keys[index] as string;
  }

  /** The entry at which a scan goes on: the last that arrived before the cursor; -1 if none did. A cursor of 0 begins. */
  indexBefore(cursor: number): number {
    if (cursor === 0) return this.#keys.length - 1;
    let low = 0;
    let high = this.#arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#arrivals[middle] as number) < cursor) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The cursor with which a scan goes on below an entry; 0 if nothing is left. */
  cursorAt(index: number): number {
    return index <= 0 ? 0 : (this.#arrivals[index] as number);
  }

  /** Forgets the entries of keys that have gone, if they are many. */
  tidy(living: ReadonlyMap<string, unknown>): void {
    if (this.#keys.length > 2 * living.size + slack) this.#clear(living);
  }

  #push(key: string): void {
    this.#keys.push(key);
    this.#arrivals.push(++this.#last);
  }

  // Of several entries of a key the first stays: a scan that has not met the key yet has it still before it.
  #clear(living: ReadonlyMap<string, unknown>): void {
    const kept = new Map<string, number>();
    for (let at = 0; at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (living.has(key) && !kept.has(key)) kept.set(key, this.#arrivals[at] as number);
    }
    this.#keys = [...kept.keys()];
    this.#arrivals = [...kept.values()];
  }
}
