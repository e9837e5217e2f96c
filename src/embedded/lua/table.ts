import { LuaError, NOT_ENOUGH_MEMORY } from "./error.ts";
import type { LuaValue } from "./value.ts";

/** How many keys the hash part holds before a Map finds them: below it, walking a short list is quicker than making a Map. */
const SCANNED_KEYS_MAX = 8;

/** Elements of the longest list. */
const LIST_SIZE_MAX = 2 ** 26;

// Where the places of the hash part begin, for traversals: they stay where they are when the list gets shorter meanwhile.
const HASH_PLACES = 2 ** 30;

// Tables without a hash part share these; the first key replaces them, so they are never written to.
const NO_KEYS: LuaValue[] = [];
const NO_VALUES: LuaValue[] = [];

/**
 * A Lua table: a list for the keys 1, 2, 3… and a hash part for the rest.
 *
 * The hash part is two lists side by side, keys and values, in the order of insertion. A key set to nil keeps its place until the
 * part is rebuilt, as in Lua, so a traversal may clear fields. All access here is raw: metatables are the business of `access.ts`.
 *
 * @example
 * const point = new LuaTable();
 * point.set("x", 1);
 * point.get("x"); // 1
 */
export class LuaTable {
  /** Values of the keys 1…n, `array[0]` for key 1. May hold nils in between, but never ends in one. Change it by `setInt`. */
  array: LuaValue[];
  /** Keys of the hash part. Those without a value are dead. */
  keys: LuaValue[] = NO_KEYS;
  /** Values of the hash part, beside their keys. */
  values: LuaValue[] = NO_VALUES;
  metatable: LuaTable | undefined = undefined;
  /** Refuses every raw change by Lua code, as Redis does for its globals. */
  readonly = false;
  /** Where each key stands in `keys`, once there are more than a few. */
  #places: Map<LuaValue, number> | undefined = undefined;
  /** How long the list would be in Lua, which decides where a key with a gap before it goes and where `#` finds a border. */
  #arraySize: number;
  /** How many keys the hash part takes before it is rebuilt. A power of two, or 0. */
  #hashSize = 0;
  /** The list has holes or the hash part has numbers: then Lua's rules for what goes where show in `#`. */
  #isIrregular = false;

  /** @param array values of the keys 1…n; the table owns it from now on */
  constructor(array: LuaValue[] = []) {
    this.array = array;
    this.#arraySize = array.length;
    if (array.length > 0) this.#settle();
  }

  /** A table of text keys. Owns both lists; the keys differ from each other, and a value of nil is no field. */
  static record(keys: LuaValue[], values: LuaValue[]): LuaTable {
    const table = new LuaTable();
    table.#fill(keys, values);
    return table;
  }

  /**
   * Makes room in the hash part of a table that has none yet, as a constructor does that names so many keys.
   *
   * @param mayBeNumbers keys of the list may be among them, and go to the hash part as well
   */
  reserve(keys: number, mayBeNumbers: boolean): this {
    this.#hashSize = powerOfTwo(keys);
    if (mayBeNumbers) this.#isIrregular = true;
    return this;
  }

  /** Value of a key, or nil. */
  get(key: LuaValue): LuaValue {
    if (typeof key === "number") {
      const value = this.array[key - 1];
      if (value !== undefined) return value;
    }
    return this.#getHash(key);
  }

  /** Value of a text key: the quick way to a field. */
  getText(key: string): LuaValue {
    const place = this.placeOf(key);
    return place < 0 ? undefined : this.values[place];
  }

  /** Value of an integer key: the quick way to an element. */
  getInt(key: number): LuaValue {
    const value = this.array[key - 1];
    if (value !== undefined || this.keys.length === 0) return value;
    return this.#getHash(key);
  }

  /**
   * Sets a key without asking the metatable.
   *
   * @throws {LuaError} for nil and NaN as keys, and for a read-only table
   */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === "number") this.setInt(key, value);
    else this.#setHash(key, value);
  }

  /** Sets a text key: the quick way to a field. */
  setText(key: string, value: LuaValue): void {
    const place = this.placeOf(key);
    if (place >= 0 && !this.readonly) this.values[place] = value;
    else this.#setHash(key, value);
  }

  /** Where a text key stands in the hash part, or -1. It stays there until the part is rebuilt. */
  placeOf(key: string): number {
    const places = this.#places;
    if (places !== undefined) return places.get(key) ?? -1;
    const keys = this.keys;
    for (let place = 0; place < keys.length; place++) if (keys[place] === key) return place;
    return -1;
  }

  /** Sets a number key: the quick way to an element. */
  setInt(key: number, value: LuaValue): void {
    const array = this.array;
    const length = array.length;
    if (value !== undefined && !this.readonly) {
      if (key > 0 && key <= length && Number.isInteger(key)) {
        array[key - 1] = value;
        return;
      }
      if (key === length + 1 && (key <= this.#arraySize || !this.#isIrregular)) {
        if (key > this.#arraySize) this.#arraySize = listSize(key);
        array.push(value);
        return;
      }
    }
    this.#setOddInt(key, value);
  }

  /**
   * A border, as `#` finds it: `n` where key `n` has a value and `n + 1` has none.
   */
  length(): number {
    if (!this.#isIrregular) return this.array.length;
    const size = this.#arraySize;
    if (size > 0 && this.array[size - 1] === undefined) return this.#borderBetween(0, size);
    if (this.keys.length === 0) return size;
    // Beyond the list Lua doubles its steps until it finds a nil, then looks between the last two.
    let low = size;
    let high = size + 1;
    while (this.getInt(high) !== undefined) {
      low = high;
      high *= 2;
    }
    return this.#borderBetween(low, high);
  }

  #borderBetween(from: number, to: number): number {
    let low = from;
    let high = to;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.getInt(middle) === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  /**
   * The key after this one, and its value; the first after nil. The order is that of insertion.
   *
   * @returns `undefined` at the end
   * @throws {LuaError} "invalid key to 'next'" for a key that is not there
   */
  next(key: LuaValue): readonly [LuaValue, LuaValue] | undefined {
    const place = this.placeFrom(this.#placeAfter(key));
    return place < 0 ? undefined : [this.keyAt(place), this.valueAt(place)];
  }

  /** For traversals: the first place from this one on that has a value, or -1. The first of all is 0. */
  placeFrom(place: number): number {
    let each = place;
    if (each < HASH_PLACES) {
      const array = this.array;
      for (; each < array.length; each++) if (array[each] !== undefined) return each;
      each = HASH_PLACES;
    }
    const values = this.values;
    for (let hash = each - HASH_PLACES; hash < values.length; hash++) if (values[hash] !== undefined) return HASH_PLACES + hash;
    return -1;
  }

  /** For traversals: the key at a place. */
  keyAt(place: number): LuaValue {
    return place < HASH_PLACES ? place + 1 : this.keys[place - HASH_PLACES];
  }

  /** For traversals: the value at a place. */
  valueAt(place: number): LuaValue {
    return place < HASH_PLACES ? this.array[place] : this.values[place - HASH_PLACES];
  }

  #placeAfter(key: LuaValue): number {
    if (key === undefined) return 0;
    if (typeof key === "number" && key > 0 && key <= this.#arraySize && Number.isInteger(key)) return key;
    const place = this.#placeOf(key);
    if (place < 0) throw new LuaError("invalid key to 'next'");
    return HASH_PLACES + place + 1;
  }

  #fill(keys: LuaValue[], values: LuaValue[]): void {
    if (keys.length === 0) return;
    this.keys = keys;
    this.values = values;
    this.#hashSize = powerOfTwo(keys.length);
    if (keys.length > SCANNED_KEYS_MAX) this.#map();
  }

  #placeOf(key: LuaValue): number {
    if (this.#places !== undefined) return this.#places.get(key) ?? -1;
    const keys = this.keys;
    for (let place = 0; place < keys.length; place++) if (keys[place] === key) return place;
    return -1;
  }

  #getHash(key: LuaValue): LuaValue {
    const place = this.#placeOf(key);
    return place < 0 ? undefined : this.values[place];
  }

  #setHash(key: LuaValue, value: LuaValue): void {
    if (this.readonly) throw LuaError.at("Attempt to modify a readonly table");
    const place = this.#placeOf(key);
    if (place >= 0) this.values[place] = value;
    else if (key === undefined) throw LuaError.at("table index is nil");
    else if (value !== undefined || this.#isIrregular) this.#insert(key, value);
  }

  /** A number key that is neither in the list nor next to it, or a value of nil. */
  #setOddInt(key: number, value: LuaValue): void {
    if (this.readonly) throw LuaError.at("Attempt to modify a readonly table");
    if (Number.isNaN(key)) throw LuaError.at("table index is NaN");
    const array = this.array;
    if (key > 0 && key <= array.length && Number.isInteger(key)) {
      array[key - 1] = value;
      if (key === array.length) this.#trim();
      else if (value === undefined) this.#isIrregular = true;
    } else if (value !== undefined && key > array.length && key <= this.#arraySize && Number.isInteger(key)) {
      while (array.length < key - 1) array.push(undefined);
      array.push(value);
      this.#isIrregular = true;
    } else this.#setHash(key, value);
  }

  #insert(key: LuaValue, value: LuaValue): void {
    if (this.keys.length === this.#hashSize && this.#rebuild(key)) {
      if (value !== undefined) this.setInt(key as number, value);
      return;
    }
    if (typeof key === "number" && key >= 1) this.#isIrregular = true;
    if (this.keys === NO_KEYS) {
      this.keys = [key];
      this.values = [value];
      return;
    }
    const place = this.keys.push(key) - 1;
    this.values.push(value);
    if (this.#places !== undefined) this.#places.set(key, place);
    else if (place === SCANNED_KEYS_MAX) this.#map();
  }

  #map(): void {
    const places = new Map<LuaValue, number>();
    for (let place = 0; place < this.keys.length; place++) places.set(this.keys[place], place);
    this.#places = places;
  }

  /**
   * Drops dead keys, moves integer keys to the list where more than half of it would be used, and makes room for one more.
   *
   * @returns whether the new key belongs in the list now
   */
  #rebuild(key: LuaValue): boolean {
    const size = this.#listSizeWith(key);
    const { keys, values } = this;
    this.keys = NO_KEYS;
    this.values = NO_VALUES;
    this.#places = undefined;
    const kept: LuaValue[] = [];
    const keptValues: LuaValue[] = [];
    const moved = this.array.splice(size);
    this.#arraySize = size;
    moved.forEach((value, at) => {
      if (value !== undefined) kept.push(size + at + 1) && keptValues.push(value);
    });
    for (let place = 0; place < keys.length; place++) {
      const each = keys[place];
      if (values[place] === undefined) continue;
      if (this.#isListed(each)) this.setInt(each as number, values[place]);
      else kept.push(each) && keptValues.push(values[place]);
    }
    this.#trim();
    const inList = this.#isListed(key);
    this.#hashSize = powerOfTwo(kept.length + (inList ? 0 : 1));
    this.#isIrregular = this.array.includes(undefined) || kept.some((each) => typeof each === "number" && each >= 1);
    if (kept.length > 0) {
      this.keys = kept;
      this.values = keptValues;
      if (kept.length > SCANNED_KEYS_MAX) this.#map();
    }
    return inList;
  }

  #isListed(key: LuaValue): boolean {
    return typeof key === "number" && key > 0 && key <= this.#arraySize && Number.isInteger(key);
  }

  /** The largest power of two such that more than half of the keys up to it have a value (Lua 5.1's `computesizes`). */
  #listSizeWith(key: LuaValue): number {
    // A list without gaps, and no other number: the next power of two.
    if (!this.#isIrregular && typeof key !== "number") return powerOfTwo(this.array.length);
    const counts: number[] = [];
    const count = (each: LuaValue): void => {
      if (typeof each !== "number" || each < 1 || each > 2 ** 26 || !Number.isInteger(each)) return;
      const slice = each === 1 ? 0 : 32 - Math.clz32(each - 1);
      counts[slice] = (counts[slice] ?? 0) + 1;
    };
    count(key);
    for (let place = 0; place < this.keys.length; place++) if (this.values[place] !== undefined) count(this.keys[place]);
    for (let index = 0; index < this.array.length; index++) if (this.array[index] !== undefined) count(index + 1);
    let size = 0;
    let sum = 0;
    for (let slice = 0; slice < counts.length; slice++) {
      sum += counts[slice] ?? 0;
      if (sum > 2 ** slice / 2) size = 2 ** slice;
    }
    return size;
  }

  /** After a list was given whole: notes its holes and cuts the nils at its end. */
  #settle(): void {
    if (!this.array.includes(undefined)) return;
    this.#trim();
    this.#isIrregular = true;
  }

  #trim(): void {
    const array = this.array;
    while (array.length > 0 && array[array.length - 1] === undefined) array.pop();
  }
}

/**
 * @throws {LuaError} for a list so long that JavaScript could not make it longer: V8 ends the process where a list would pass 112
 * million elements
 */
function listSize(atLeast: number): number {
  if (atLeast > LIST_SIZE_MAX) throw new LuaError(NOT_ENOUGH_MEMORY);
  return powerOfTwo(atLeast);
}

function powerOfTwo(atLeast: number): number {
  if (atLeast <= 1) return atLeast;
  return 2 ** (32 - Math.clz32(atLeast - 1));
}
