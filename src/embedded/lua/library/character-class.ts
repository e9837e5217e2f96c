/** What Lua's patterns mean by a letter, a digit and so on: C's locale, so only the first 128 bytes belong to any class. */
const LETTER = 1;
const DIGIT = 2;
const LOWER = 4;
const UPPER = 8;
const BLANK = 16;
const CONTROL = 32;
const PUNCTUATION = 64;
const HEX = 128;

/** Bits per byte. */
const kinds: Uint8Array = new Uint8Array(256).map((_, code) => {
  if (code < 32 || code === 127) return code >= 9 && code <= 13 ? CONTROL | BLANK : CONTROL;
  if (code === 32) return BLANK;
  if (code > 127) return 0;
  if (code >= 48 && code <= 57) return DIGIT | HEX;
  const letter = code | 32;
  if (letter < 97 || letter > 122) return PUNCTUATION;
  return LETTER | (code === letter ? LOWER : UPPER) | (letter <= 102 ? HEX : 0);
});

/** Which bits a class letter stands for; 0 for a letter that is no class. */
const wanted: Uint8Array = new Uint8Array(256);
for (const [letter, bits] of [
  ["a", LETTER],
  ["c", CONTROL],
  ["d", DIGIT],
  ["l", LOWER],
  ["p", PUNCTUATION],
  ["s", BLANK],
  ["u", UPPER],
  ["w", LETTER | DIGIT],
  ["x", HEX],
] as const) {
  wanted[letter.charCodeAt(0)] = bits;
}

/** True if a byte is in the class that `%` and this letter name; a capital names the opposite, anything else itself. */
export function inClass(code: number, letter: number): boolean {
  const lower = letter | 32;
  const bits = letter < 128 && letter > 64 ? (wanted[lower] as number) : 0;
  if (bits !== 0) return (((kinds[code] as number) & bits) !== 0) === (letter === lower);
  if (lower === 122 && letter > 64) return (code === 0) === (letter === 122);
  return letter === code;
}
