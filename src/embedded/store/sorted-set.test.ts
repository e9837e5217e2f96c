import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedSet } from "./sorted-set.ts";

/** The plainest sorted set there is. */
class Plain {
  entries: [member: string, score: number][] = [];

  set(member: string, score: number): void {
    this.remove(member);
    this.entries.push([member, score]);
    this.entries.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  }

  remove(member: string): void {
    this.entries = this.entries.filter(([other]) => other !== member);
  }
}

function set(real: SortedSet, member: string, score: number): void {
  const before = real.score(member);
  if (before === undefined) real.add(member, score);
  else real.move(member, before, score);
}

function expectSame(real: SortedSet, plain: Plain): void {
  const scores: number[] = [];
  const members = real.range(0, real.size, scores);
  expect(members.map((member, at) => [member, scores[at]])).toEqual(plain.entries);
  expect(real.size).toBe(plain.entries.length);
}

function numbered(count: number): SortedSet {
  const real = new SortedSet();
  for (let at = 0; at < count; at++) real.add(`m${at}`, at);
  return real;
}

const member = fc.integer({ min: 0, max: 3000 }).map((number) => `m${number}`);
const score = fc.integer({ min: 0, max: 400 });
const step = fc.oneof(
  fc.record({
    kind: fc.constant("many" as const),
    from: fc.nat(2000),
    count: fc.nat(900),
    every: fc.integer({ min: 1, max: 400 }),
  }),
  fc.record({ kind: fc.constant("set" as const), member, score }),
  fc.record({ kind: fc.constant("remove" as const), member }),
  fc.record({
    kind: fc.constant("cut" as const),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("pop" as const), count: fc.nat(300) }),
);

test("a sorted set of thousands stays in order, whatever is added, moved and removed", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14, size: "max" }), (steps) => {
      const real = new SortedSet();
      const plain = new Plain();
      for (const each of steps) {
        if (each.kind === "many") {
          const added = new Map(plain.entries);
          for (let at = each.from; at < each.from + each.count; at++) {
            set(real, `m${at}`, at % each.every);
            added.set(`m${at}`, at % each.every);
          }
          plain.entries = [...added].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
        } else if (each.kind === "set") {
          set(real, each.member, each.score);
          plain.set(each.member, each.score);
        } else if (each.kind === "remove") {
          expect(real.remove(each.member)).toBe(plain.entries.some(([other]) => other === each.member));
          plain.remove(each.member);
        } else {
          const from = each.kind === "pop" ? 0 : Math.floor(each.from * real.size);
          const to = each.kind === "pop" ? Math.min(each.count, real.size) : from + Math.floor(each.part * (real.size - from));
          const removed = plain.entries.splice(from, to - from).map(([name]) => name);
          expect(real.removeRange(from, to)).toEqual(removed);
        }
        expectSame(real, plain);
      }
      for (const [rank, [name, own]] of plain.entries.entries()) {
        if (rank % 17 !== 0) continue;
        expect(real.score(name)).toBe(own);
        expect(real.rank(name, own)).toBe(rank);
        expect(real.rankOfScore(own, false)).toBe(plain.entries.findIndex(([, other]) => other === own));
        expect(real.rankOfScore(own, true)).toBe(plain.entries.filter(([, other]) => other <= own).length);
        expect(real.range(rank, rank + 40)).toEqual(plain.entries.slice(rank, rank + 40).map(([other]) => other));
      }
      const copy = real.copy();
      set(real, "more", 1);
      expectSame(copy, plain);
    }),
    { numRuns: Number(process.env["REDLUA_FUZZ_RUNS"] ?? 60) },
  );
});

test("members of one score are found by their bytes", () => {
  const real = new SortedSet();
  const names = Array.from({ length: 2000 }, (_, at) => String((at * 7919) % 2000).padStart(5, "0"));
  for (const name of names) real.add(name, 7);
  for (let at = 0; at < 2000; at += 13) {
    const name = String(at).padStart(5, "0");
    expect(real.rankOfMember(name, false)).toBe(at);
    expect(real.rankOfMember(name, true)).toBe(at + 1);
    expect(real.rankOfMember(`${name}x`, true)).toBe(at + 1);
  }
});

test("what is added where branches were emptied is found again once they are joined", () => {
  const real = new SortedSet();
  // In order, so that leaves have 128 members and branches 64 leaves: the second branch begins at 8192.
  for (let at = 0; at < 30_000; at++) real.add(`m${at}`, at);
  const removeScores = (from: number, to: number): void => {
    real.removeRange(real.rankOfScore(from, false), real.rankOfScore(to, false));
  };
  removeScores(8192, 8192 + 128);
  real.add("between", 8200);
  removeScores(12_000, 16_384);
  removeScores(200, 8000);
  expect(real.range(real.rank("between", 8200), real.rank("between", 8200) + 2)).toEqual(["between", "m8320"]);
  expect(real.remove("between")).toBe(true);
  const left = Array.from({ length: 30_000 }, (_, at) => at).filter(
    (at) => at < 200 || (at >= 8000 && at < 8192) || (at >= 8320 && at < 12_000) || at >= 16_384,
  );
  expect(real.range(0, real.size)).toEqual(left.map((at) => `m${at}`));
});

test("taking the least of thousands one by one, and adding others meanwhile, keeps the order", () => {
  const real = numbered(5000);
  for (let at = 0; at < 20_000; at++) {
    expect(real.removeRange(0, 1)).toEqual([`m${at}`]);
    real.add(`m${at + 5000}`, at + 5000);
  }
  expect(real.size).toBe(5000);
  for (let at = 20_000; at < 25_000; at++) expect(real.removeRange(real.size - 1, real.size)).toEqual([`m${44_999 - at}`]);
  expect(real.size).toBe(0);
});

test("a scan meets every member that is there all the time, whatever comes and goes", () => {
  const real = numbered(1000);
  const seen = new Set<string>();
  let cursor = 0;
  let turns = 0;
  do {
    const found: string[] = [];
    cursor = real.scan(cursor, 10, found);
    for (const name of found) seen.add(name);
    // Half of the members go, others come, and all that stay move to another place.
    for (let at = 2 * turns * 5; at < 2 * (turns + 1) * 5 && at < 1000; at += 2) real.remove(`m${at}`);
    real.add(`new${turns}`, turns);
    for (let at = 1; at < 1000; at += 100) set(real, `m${at}`, turns * 31 + at);
    turns++;
  } while (cursor !== 0);
  for (let at = 1; at < 1000; at += 2) expect(seen.has(`m${at}`), `m${at}`).toBe(true);
  expect(turns).toBeLessThan(150);
});

test("a scan meets what was added since another began", () => {
  const real = numbered(200);
  real.scan(0, 10, []);
  for (let at = 0; at < 50; at++) real.add(`new${at}`, at);
  const found: string[] = [];
  expect(real.scan(0, 1000, found)).toBe(0);
  expect(new Set(found).size).toBe(250);
});

test("two scans at once do not disturb each other", () => {
  const real = numbered(300);
  const scans = [new Set<string>(), new Set<string>()];
  const cursors = [0, 0];
  for (let turn = 0; turn < 100; turn++) {
    for (const [scan, seen] of scans.entries()) {
      if (turn > 0 && cursors[scan] === 0) continue;
      const found: string[] = [];
      cursors[scan] = real.scan(cursors[scan] as number, 7 + 5 * scan, found);
      for (const name of found) seen.add(name);
    }
  }
  expect(scans.map((seen) => seen.size)).toEqual([300, 300]);
});

test("any member may be drawn, at every size", () => {
  for (const size of [1, 5, 200, 1000]) {
    const real = numbered(size);
    const drawn = new Set<string>();
    for (let at = 0; at < size * 20; at++) drawn.add(real.random());
    expect(drawn.size).toBe(size);
  }
});

test("the estimate of memory follows what is there", () => {
  const real = new SortedSet();
  const empty = real.bytes;
  for (let at = 0; at < 100; at++) real.add(`m${at}`, at);
  const small = real.bytes;
  expect(small).toBeGreaterThan(empty + 1000);
  for (let at = 100; at < 1000; at++) real.add(`m${at}`, at);
  expect(real.bytes).toBeGreaterThan(100_000);
  const whole = real.copy().bytes;
  expect(whole).toBe(real.bytes);
  real.removeRange(500, 1000);
  expect(real.bytes).toBeLessThan(whole * 0.6);
});
