import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type EntryFacts, everything, readEntry, writeEntry } from "./entry-format.ts";

const bond = (tag: string, epoch: string): { readonly tag: string; readonly epoch: string } => ({ tag, epoch });
const plain: EntryFacts = {
  graceMs: 60_000,
  deltaMs: 1_234,
  stamp: 0xabcdef,
  slidingMs: 0,
  bonds: [bond(everything, "EPOCHEPOCHEP")],
  payload: '{"a":1}',
};

// What version 1 wrote, other programs have stored: these bytes never change. A new format is a new version.
test.each<[string, Partial<EntryFacts>, string]>([
  ["a value", {}, "0000ea60000004d210abcdef00000000000000000000000045504f434845504f434845507b2261223a317d"],
  ["undefined", { payload: undefined }, "0000ea60000004d214abcdef00000000000000000000000045504f434845504f43484550"],
  ["null", { payload: null, graceMs: 0 }, "00000000000004d218abcdef00000000000000000000000045504f434845504f43484550"],
  [
    "bytes, sliding",
    { payload: Uint8Array.of(1, 255), slidingMs: 1_000 },
    "0000ea60000004d212abcdef000003e8000000000000000045504f434845504f4348455001ff",
  ],
  [
    "tags",
    { bonds: [...plain.bonds, bond("users", "aaaaaaaaaaaa"), bond("é", "bbbbbbbbbbbb")], payload: "1" },
    "0000ea60000004d211abcdef00000000000000000000000045504f434845504f43484550020005757365727361616161616161616161616100" +
      "02c3a962626262626262626262626231",
  ],
])("the bytes of an entry, version 1: %s", (_, facts, golden) => {
  const entry = { ...plain, ...facts };
  expect(writeEntry(entry).toString("hex")).toBe(golden);
  const { payload } = entry;
  expect(readEntry(Buffer.from(golden, "hex"))).toEqual({
    graceMs: entry.graceMs,
    deltaMs: entry.deltaMs,
    slidingMs: entry.slidingMs,
    bonds: entry.bonds,
    size: golden.length / 2,
    payload: payload == null ? payload : Buffer.from(payload as string),
  });
});

test("what was written is read again, whatever it is", () => {
  const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{12}$/);
  const ms = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const tag = fc.string({ minLength: 1, unit: "binary", maxLength: 8 });
  fc.assert(
    fc.property(
      fc.record({
        graceMs: ms,
        deltaMs: ms,
        stamp: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
        slidingMs: ms,
        bonds: fc
          .tuple(epoch, fc.array(fc.record({ tag, epoch }), { maxLength: 5 }))
          .map(([first, tags]) => [bond(everything, first), ...tags]),
        payload: fc.oneof(fc.constant(undefined), fc.constant(null), fc.uint8Array({ maxLength: 100 })),
      }),
      (facts) => {
        const written = writeEntry(facts);
        const payload = facts.payload == null ? facts.payload : Buffer.from(facts.payload);
        const { graceMs, deltaMs, slidingMs, bonds } = facts;
        expect(readEntry(written)).toEqual({ graceMs, deltaMs, slidingMs, bonds, payload, size: written.length });
      },
    ),
  );
});

test("bytes that are no entry of this version are none", () => {
  expect(readEntry(Buffer.alloc(10))).toBeUndefined();
  expect(readEntry(Buffer.from("a value that somebody else stored under this key"))).toBeUndefined();
  const later = writeEntry(plain);
  later[8] = 0x20;
  expect(readEntry(later)).toBeUndefined();
  const cut = writeEntry({ ...plain, bonds: [...plain.bonds, bond("a long tag", "aaaaaaaaaaaa")] });
  for (let length = 36; length < 60; length++) expect(readEntry(cut.subarray(0, length))?.bonds.length ?? 0).not.toBe(1);
});
