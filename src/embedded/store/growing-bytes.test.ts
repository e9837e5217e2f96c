import { expect, test, vi } from "vitest";
import { GrowingBytes } from "./growing-bytes.ts";

test("a copy has the bytes, the length and the encoding, and goes its own way", () => {
  const bytes = new GrowingBytes("");
  bytes.write(2, "caf\xe9");
  const copy = bytes.copy();
  expect([copy.bytes, copy.length, copy.encoding]).toEqual([Buffer.from("\0\0caf\xe9", "latin1"), 6, "raw"]);
  copy.write(0, "my");
  bytes.write(6, "!");
  expect([bytes, copy].map(String)).toEqual(["\0\0caf\xe9!", "mycaf\xe9"]);
  const embedded = GrowingBytes.embedded("12").copy();
  expect([String(embedded), embedded.encoding]).toEqual(["12", "embstr"]);
});

test("a copy is not made of a text, which cannot be as long as a string of Redis", () => {
  const bytes = new GrowingBytes("");
  bytes.grow(100);
  const text = vi.spyOn(bytes, "toString");
  expect(bytes.copy().bytes).toEqual(Buffer.alloc(100));
  expect(text).not.toHaveBeenCalled();
});
