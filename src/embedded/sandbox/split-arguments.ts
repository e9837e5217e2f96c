const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };
const hexEscape = /^x[0-9a-fA-F]{2}/;

/**
 * Cuts a line into words as Redis cuts an inline command: at blanks, but not within quotes; `"…"` knows escapes (`\n`, `\xff`),
 * `'…'` only `\'`.
 *
 * @returns `undefined` if a quote is left open, or is followed by anything but a blank
 */
export function splitArguments(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++;
    if (at >= line.length || line[at] === "\0") return words;
    let word = "";
    while (at < line.length && !isBlank(line.charCodeAt(at)) && line[at] !== "\0") {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const quoted = readQuoted(line, at + 1, quote);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
      if (at < line.length && !isBlank(line.charCodeAt(at)) && line[at] !== "\0") return undefined;
    }
    words.push(word);
  }
}

function readQuoted(line: string, start: number, quote: string): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  for (let at = start; at < line.length; at++) {
    const char = line[at] as string;
    if (char === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    if (char !== "\\" || next === undefined || (quote === "'" && next !== "'")) {
      text += char;
      continue;
    }
    if (quote === '"' && hexEscape.test(line.slice(at + 1, at + 4))) {
      text += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16));
      at += 3;
      continue;
    }
    text += escapes[next] ?? next;
    at++;
  }
  return undefined;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
