import fc from "fast-check";
import { expect, test } from "vitest";
import { draw, drawWithRepeats, Hash, List, MemberSet } from "./index.ts";

/** A set or hash large enough for a table, and what it holds. */
function large(kind: "hash" | "set", count: number): Hash | MemberSet {
  const collection = kind === "hash" ? new Hash() : new MemberSet();
  for (let at = 0; at < count; at++) insert(collection, `m${at}`);
  return collection;
}

function insert(collection: Hash | MemberSet, name: string): void {
  if (collection instanceof Hash) collection.set(name, name);
  else collection.add(name);
}

test.each(["hash", "set"] as const)("a scan of a %s meets every name that stays, whatever comes and goes meanwhile", (kind) => {
  const changes = fc.array(fc.record({ remove: fc.nat(899), add: fc.nat(50), count: fc.integer({ min: 1, max: 60 }) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(changes, (steps) => {
      const collection = large(kind, 900);
      const staying = new Set(collection.names());
      const met: string[] = [];
      let cursor = 0;
      let rounds = 0;
      do {
        const { remove, add, count } = steps[rounds % steps.length] as (typeof steps)[number];
        for (let at = remove; at < Math.min(remove + 200, 900); at += 3) {
          collection.delete(`m${at}`);
          staying.delete(`m${at}`);
        }
        for (let at = 0; at < add; at++) insert(collection, `new-${rounds}-${at}`);
        cursor = collection.scan(cursor, count, met);
        rounds++;
      } while (cursor !== 0 && rounds < 10_000);
      expect(cursor).toBe(0);
      for (const name of met) staying.delete(name);
      expect([...staying]).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("a scan gives about as many as it was asked for, and each once while nothing changes", () => {
  const set = large("set", 1000);
  const met: string[] = [];
  let cursor = 0;
  do {
    const before = met.length;
    cursor = set.scan(cursor, 10, met);
    expect(met.length - before).toBe(10);
  } while (cursor !== 0);
  expect(met.toSorted()).toEqual(set.names().toSorted());
});

test.each([
  ["a few fields", large("hash", 5)],
  ["a table of fields", large("hash", 40)],
  ["a few members", large("set", 5)],
  ["a table of members", large("set", 40)],
  ["integers", members("1", "2", "3", "4", "5")],
  ["a table with gaps", withGaps()],
])("each of %s is drawn as often as the others", (_, urn) => {
  const draws = 400 * urn.size;
  const one = new Map<string, number>();
  for (let at = 0; at < draws; at++) count(one, urn.random());
  const many = new Map<string, number>();
  const some = Math.max(1, Math.floor(urn.size / 4));
  for (let at = 0; at < draws / some; at++) for (const name of draw(urn, some)) count(many, name);
  const most = new Map<string, number>();
  for (let at = 0; at < draws / (urn.size - 1); at++) for (const name of draw(urn, urn.size - 1)) count(most, name);
  for (const counts of [one, many, most]) {
    expect([...counts.keys()].toSorted()).toEqual(urn.names().toSorted());
    // 400 on average, and a deviation of 20: 140 off is seven of them.
    for (const times of counts.values()) expect(Math.abs(times - 400)).toBeLessThan(140);
  }
});

test("what is drawn is different, unless repeats are asked for", () => {
  const set = large("set", 100);
  for (const amount of [1, 20, 50, 99, 100, 500]) {
    const drawn = draw(set, amount);
    expect(drawn).toHaveLength(Math.min(amount, 100));
    expect(new Set(drawn).size).toBe(drawn.length);
  }
  expect(drawWithRepeats(set, 1000)).toHaveLength(1000);
});

test("a hash keeps the order of its fields through growth, removal and change", () => {
  const operations = fc.array(fc.record({ field: fc.nat(60), remove: fc.boolean() }), { maxLength: 300 });
  fc.assert(
    fc.property(operations, (steps) => {
      const hash = new Hash();
      const model = new Map<string, string>();
      for (const [at, { field, remove }] of steps.entries()) {
        const name = `f${field}`;
        if (remove) expect(hash.delete(name)).toBe(model.delete(name));
        else {
          expect(hash.set(name, String(at))).toBe(!model.has(name));
          model.set(name, String(at));
        }
      }
      expect(hash.entries()).toEqual([...model].flat());
      expect(hash.copy().entries()).toEqual(hash.entries());
      expect(hash.names()).toEqual([...model.keys()]);
      expect(hash.values()).toEqual([...model.values()]);
      expect(hash.size).toBe(model.size);
      for (const name of hash.names()) hash.delete(name);
      expect(hash.bytes).toBe(new Hash().bytes);
    }),
  );
});

test("a set counts its bytes back to nothing", () => {
  const sizes = [members("1", "22", "-3"), members("a", "bb", "1"), large("set", 100)].map((set) => {
    const copy = set.copy();
    for (const name of set.names()) set.delete(name);
    return [set.size, set.bytes - copy.bytes < 0, copy.size];
  });
  expect(sizes).toEqual([
    [0, true, 3],
    [0, true, 3],
    [0, true, 100],
  ]);
});

test("a list does what an array does", () => {
  const element = fc.nat(3).map(String);
  const step = fc.oneof(
    fc.tuple(fc.constantFrom("pushLeft", "pushRight"), element),
    fc.tuple(fc.constantFrom("popLeft", "popRight"), element),
    fc.tuple(fc.constantFrom("insert", "keep", "removeLeft", "removeRight", "set"), element, fc.nat(20), fc.nat(20)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const list = new List();
      let model: string[] = [];
      for (const [what, text, a = 0, b = 0] of steps) {
        if (what === "pushLeft" || what === "pushRight") list[what](text);
        if (what === "pushLeft") model.unshift(text);
        if (what === "pushRight") model.push(text);
        if (what === "popLeft") expect(list.popLeft()).toBe(model.shift());
        if (what === "popRight") expect(list.popRight()).toBe(model.pop());
        if (what === "insert") {
          const index = a % (model.length + 1);
          list.insert(index, text);
          model.splice(index, 0, text);
        }
        if (what === "set" && model.length > 0) {
          list.set(a % model.length, `${text}!`);
          model[a % model.length] = `${text}!`;
        }
        if (what === "keep" && model.length > 20) {
          list.keep(Math.min(a, b), Math.max(a, b));
          model = model.slice(Math.min(a, b), Math.max(a, b) + 1);
        }
        if (what === "removeLeft" || what === "removeRight") {
          const limit = a % 4;
          expect(list.removeEqual(text, limit, what === "removeRight")).toBe(
            removeFrom(model, text, limit, what === "removeRight"),
          );
        }
        expect(list.range(0, list.size - 1)).toEqual(model);
      }
      const slots = list.copy();
      while (list.popLeft() !== undefined);
      expect(list.bytes).toBe(new List().bytes);
      expect(slots.range(0, slots.size - 1)).toEqual(model);
    }),
  );
});

test("both ends and the middle of a list of a million elements take no time", () => {
  const list = new List();
  const started = performance.now();
  for (let at = 0; at < 500_000; at++) {
    list.pushLeft("a");
    list.pushRight("b");
  }
  for (let at = 0; at < 1_000_000; at++) list.at(at);
  for (let at = 0; at < 499_999; at++) {
    list.popLeft();
    list.popRight();
  }
  // About 60 ms; what moves the rest at each step would take minutes.
  expect(performance.now() - started).toBeLessThan(5000);
  expect([list.at(0), list.at(1)]).toEqual(["a", "b"]);
  expect(list.bytes).toBeLessThan(300);
});

function members(...names: string[]): MemberSet {
  const set = new MemberSet();
  for (const name of names) set.add(name);
  return set;
}

function withGaps(): MemberSet {
  const set = large("set", 60) as MemberSet;
  // Members that went and came back often must not be likelier than the others.
  for (let at = 0; at < 500; at++) {
    set.delete(`m${at % 7}`);
    set.add(`m${at % 7}`);
  }
  for (let at = 20; at < 40; at++) set.delete(`m${at}`);
  return set;
}

function removeFrom(model: string[], text: string, limit: number, fromRight: boolean): number {
  let removed = 0;
  while (removed < limit) {
    const at = fromRight ? model.lastIndexOf(text) : model.indexOf(text);
    if (at === -1) break;
    model.splice(at, 1);
    removed++;
  }
  return removed;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
