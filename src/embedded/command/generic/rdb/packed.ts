import { BadPayload, Source } from "./source.ts";

/** The elements of a listpack. */
export function unpackListpack(bytes: Buffer): string[] {
  const source = new Source(bytes);
  source.take(6);
  const elements: string[] = [];
  for (;;) {
    const head = source.byte();
    if (head === 0xff) return elements;
    const before = elements.length;
    const length = unpackEntry(source, head, elements);
    if (elements.length === before) throw new BadPayload("A listpack holds an entry of no known kind.");
    // Each entry is followed by its own length, for going backwards.
    source.take(length <= 127 ? 1 : length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5);
  }
}

/** Reads one entry. @returns how long it is, its head included */
function unpackEntry(source: Source, head: number, elements: string[]): number {
  if (head < 0x80) {
    elements.push(String(head));
    return 1;
  }
  if (head < 0xc0) return text(source, head & 0x3f, 1, elements);
  if (head < 0xe0) {
    const value = ((head & 0x1f) << 8) | source.byte();
    elements.push(String(value < 4096 ? value : value - 8192));
    return 2;
  }
  if (head < 0xf0) return text(source, ((head & 0x0f) << 8) | source.byte(), 2, elements);
  if (head === 0xf0) return text(source, source.take(4).readUInt32LE(), 5, elements);
  const size = head === 0xf4 ? 8 : head - 0xef;
  if (head > 0xf4) return 0;
  elements.push(source.integer(size));
  return size + 1;
}

function text(source: Source, length: number, head: number, elements: string[]): number {
  elements.push(source.text(length));
  return head + length;
}

/** The integers of an intset. */
export function unpackIntset(bytes: Buffer): string[] {
  const source = new Source(bytes);
  const size = source.take(4).readUInt32LE();
  const count = source.take(4).readUInt32LE();
  if (size !== 2 && size !== 4 && size !== 8) throw new BadPayload("An intset holds integers of no known size.");
  const integers: string[] = [];
  for (let at = 0; at < count; at++) integers.push(source.integer(size));
  return integers;
}

/** Undoes LZF: runs of literal bytes, and references to what came before. */
export function decompress(bytes: Buffer, length: number): Buffer {
  const source = new Source(bytes);
  const result = Buffer.alloc(length);
  let at = 0;
  while (!source.ended) {
    const control = source.byte();
    if (control < 32) {
      at += source.take(control + 1).copy(result, at);
      continue;
    }
    let run = control >> 5;
    if (run === 7) run += source.byte();
    let from = at - ((control & 31) << 8) - source.byte() - 1;
    if (from < 0 || at + run + 2 > length) throw new BadPayload("Compressed bytes refer to what is not there.");
    for (let left = run + 2; left > 0; left--) result[at++] = result[from++] as number;
  }
  if (at !== length) throw new BadPayload("Compressed bytes are fewer than was said.");
  return result;
}
