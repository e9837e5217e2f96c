const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads the strings of one JSON text; their `\u` escapes become UTF-8. */
export class JsonStringReader {
  readonly #text: string;
  /** Where the last string ended, behind its quote; or where reading it failed. */
  end = 0;
  /** What was wrong with it. */
  trouble = "";

  constructor(text: string) {
    this.#text = text;
  }

  /** The string whose opening quote is at `start`; `undefined` if it is none. */
  read(start: number): string | undefined {
    const text = this.#text;
    let result = "";
    let copied = start + 1;
    for (let at = copied; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) {
        this.end = at + 1;
        return result + text.slice(copied, at);
      }
      // Also true at the end, where the code is NaN.
      if (!(code > 0)) return this.#fail("unexpected end of string", at);
      if (code !== 92) continue;
      result += text.slice(copied, at);
      const letter = text[at + 1] ?? "";
      const plain = escapes[letter];
      if (plain !== undefined) {
        result += plain;
        at++;
      } else {
        if (letter !== "u") return this.#fail("invalid escape code", at);
        const point = this.#codePoint(at);
        if (point < 0) return this.#fail("invalid unicode escape code", at);
        result += utf8(point);
        at += point > 0xffff ? 11 : 5;
      }
      copied = at + 1;
    }
  }

  #fail(trouble: string, at: number): undefined {
    this.trouble = trouble;
    this.end = at;
    return undefined;
  }

  /** The code point of `\u…` at a place, and of the second half of a pair behind it; -1 if it is none. */
  #codePoint(at: number): number {
    const high = this.#hex(at + 2);
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high >= 0xdc00 || !this.#text.startsWith("\\u", at + 6)) return -1;
    const low = this.#hex(at + 8);
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff) : -1;
  }

  #hex(from: number): number {
    let value = 0;
    for (let at = from; at < from + 4; at++) {
      const code = this.#text.charCodeAt(at);
      const letter = (code | 32) - 87;
      if (code >= 48 && code <= 57) value = value * 16 + code - 48;
      else if (letter >= 10 && letter <= 15) value = value * 16 + letter;
      else return -1;
    }
    return value;
  }
}

function utf8(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 63));
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
}
