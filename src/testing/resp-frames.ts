/**
 * Cuts a stream of RESP2 or RESP3 into whole values, without reading what is in them.
 */
export class RespFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Adds bytes. Answers the values that are whole now. */
  push(chunk: Buffer): readonly Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    for (;;) {
      const end = frameEnd(bytes, 0);
      if (end === undefined) break;
      frames.push(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return frames;
  }
}

const withLength = new Set([..."$=!"].map((mark) => mark.charCodeAt(0)));
const withItems = new Set([..."*~>%|"].map((mark) => mark.charCodeAt(0)));
const withPairs = new Set([..."%|"].map((mark) => mark.charCodeAt(0)));

/** Where the value that begins at `start` ends; `undefined` if it is not whole. */
function frameEnd(bytes: Buffer, start: number): number | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd === -1) return undefined;
  const after = lineEnd + 2;
  const mark = bytes[start] as number;
  if (!withLength.has(mark) && !withItems.has(mark)) return after;
  const length = Number(bytes.toString("latin1", start + 1, lineEnd));
  if (withLength.has(mark)) {
    const end = length < 0 ? after : after + length + 2;
    return end <= bytes.length ? end : undefined;
  }
  let end: number | undefined = after;
  const items = withPairs.has(mark) ? length * 2 : length;
  for (let item = 0; item < items && end !== undefined; item++) end = frameEnd(bytes, end);
  // Attributes come before the value that they are about.
  return mark === 0x7c && end !== undefined ? frameEnd(bytes, end) : end;
}

/** The words of a command: `["EVALSHA", "…", "1", "key"]`. */
export function commandWords(frame: Buffer): readonly string[] {
  if (frame[0] !== 0x2a) return frame.toString("utf8").trim().split(/\s+/);
  const words: string[] = [];
  let at = frame.indexOf("\r\n") + 2;
  while (at < frame.length) {
    const lineEnd = frame.indexOf("\r\n", at);
    const length = Number(frame.toString("latin1", at + 1, lineEnd));
    words.push(frame.toString("utf8", lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return words;
}

/** Whether a value that the server sent answers no command: a push of RESP3, or a published message of RESP2. */
export function isPush(frame: Buffer): boolean {
  return frame[0] === 0x3e || /^\*[34]\r\n\$[789]\r\n[ps]?message\r\n/.test(frame.toString("latin1", 0, 24));
}
