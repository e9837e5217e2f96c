import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { request, talk, Wires } from "./fixtures/index.ts";

const numRuns = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300);
const seed = process.env["REDLUA_FUZZ_SEED"];
// Which seed failed stands in the failure.
const runs = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

let wires: Wires;
beforeAll(async () => {
  wires = await Wires.start({ scriptSteps: 100_000 });
});
afterAll(() => wires.stop());
afterEach(async () => {
  // Whatever was sent, the next client is answered.
  expect(await talk(wires.ours, ["PING\r\n"])).toBe("+PONG\r\n");
});

const ping = request("PING");
const line = (length: number): string => "x".repeat(length);

test.each<readonly [what: string, bytes: string]>([
  ["nothing", ""],
  ["line breaks alone", "\r\n\r\n\n\nPING\r\n"],
  ["a list of nothing", "*0\r\nPING\r\n"],
  ["a list of less than nothing", "*-1\r\n*-9223372036854775808\r\nPING\r\n"],
  ["a count that is no number", "*x\r\n"],
  ["a count without digits", "*\r\n"],
  ["a count with a blank", "* 1\r\n"],
  ["a count with a plus", "*+1\r\n$4\r\nPING\r\n"],
  ["a count with a zero in front", "*01\r\n$4\r\nPING\r\n"],
  ["a count of minus zero", "*-0\r\n"],
  ["the largest count", "*2147483647\r\n"],
  ["a count one beyond", "*2147483648\r\n"],
  ["a count beyond 64 bits", "*9223372036854775808\r\n"],
  ["a count beyond 64 bits, below zero", "*-9223372036854775809\r\n"],
  ["a count with a fraction", "*1.5\r\n"],
  ["a list in a list", "*1\r\n*1\r\n$4\r\nPING\r\n"],
  ["a number in a list", "*1\r\n:1\r\n"],
  ["a line break in place of an argument", "*1\r\n\r\n"],
  ["a line feed in place of an argument", "*1\r\n\n\r\n"],
  ["a byte beyond ASCII in place of an argument", "*1\r\n\xff\r\n"],
  ["a wrong mark whose line has not ended", "*1\r\n!"],
  ["a length of -1", "*1\r\n$-1\r\n"],
  ["a length that is no number", "*1\r\n$x\r\n"],
  ["a length without digits", "*1\r\n$\r\n"],
  ["a length one beyond the most", "*1\r\n$536870913\r\n"],
  ["a length beyond 64 bits", "*1\r\n$99999999999999999999\r\n"],
  ["no line break behind an argument", "*2\r\n$4\r\nECHOxx$2\r\nhixx"],
  ["a length that is too short", "*2\r\n$4\r\nECHO\r\n$1\r\nhi\r\n"],
  ["a line feed in place of both", "*1\n$4\nPING\n"],
  ["an argument without bytes", request("")],
  ["an error, and then a request", `*1\r\n!\r\n${ping}`],
  ["requests, and then an error", `${ping}${ping}*x\r\n${ping}`],
  ["a NUL in a count", "*\x001\r\nPING\r\n"],
  ["a NUL in a line", "PI\0NG\r\nPING\r\n"],
  ["a NUL in front of a line break", "PING\0\r\n"],
  ["a typed line", "ECHO hi\r\n"],
  ["a typed line with a line feed alone", "ECHO hi\n"],
  ["a typed line that is a reply", "+PONG\r\n$1\r\n"],
  ["blanks around", "  \t ECHO \v\f  hi \t\r\n"],
  ["a vertical tab within a word", "ECHO a\vb\r\n"],
  ["two sorts of quotes", `ECHO "a 'b' \\"c\\" \\x41\\n\\q"\r\nECHO 'a "b" \\'c\\' \\x41\\n'\r\n`],
  ["a quote that begins within a word", `EC"HO" h"i"\r\n`],
  ["a quote that ends within a word", `ECHO "a"b\r\n`],
  ["a quote that has no end", `ECHO "a\r\n`],
  ["a quote that has no end, of the other sort", `ECHO 'a\r\n`],
  ["a quote behind a backslash", `ECHO "a\\"\r\n`],
  ["an empty word", `""\r\n`],
  ["a hexadecimal escape that is none", `ECHO "\\xg1\\x1g\\x"\r\n`],
  ["a line of 64 KB without an end", line(70_000)],
  ["a count of 64 KB without an end", `*${line(70_000)}`],
  ["a length of 64 KB without an end", `*1\r\n$${line(70_000)}`],
  ["a browser", "POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n"],
  ["the head of another browser", `${ping}GET / HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ["a command with line breaks in its name", request("a\r\nb", "c\nd")],
])("%s: the same answer as Redis', and the same end", async (_, bytes) => {
  await wires.agree([bytes]);
});

test("without a password nobody makes it wait for much", async () => {
  for (const bytes of [
    "*10\r\n",
    "*11\r\n",
    "*1\r\n$16384\r\n",
    "*1\r\n$16385\r\n",
    request("GET", "a"),
    request("AUTH", "wrong"),
  ]) {
    const set = request("CONFIG", "SET", "requirepass", "secret");
    const clear = request("AUTH", "secret") + request("CONFIG", "SET", "requirepass", "");
    for (const place of [wires.real, wires.ours]) await talk(place, [set]);
    await wires.agree([bytes]);
    for (const place of [wires.real, wires.ours]) expect(await talk(place, [clear])).toBe("+OK\r\n+OK\r\n");
  }
});

const word = fc.constantFrom("a", "b", "", "1", "-1", "x y", "\r\n", "\0", "\xff", "10", "(", "nx", "withscores");
const valid = fc
  .oneof(
    fc.tuple(fc.constantFrom("PING", "GET", "INCR", "TYPE", "LLEN", "HGETALL"), fc.array(word, { maxLength: 2 })),
    fc.tuple(fc.constantFrom("SET", "LPUSH", "SADD", "ZADD", "HSET", "ECHO"), fc.array(word, { maxLength: 5 })),
    fc.tuple(fc.constantFrom("MULTI", "EXEC", "DISCARD", "WATCH", "SUBSCRIBE", "UNSUBSCRIBE"), fc.array(word, { maxLength: 1 })),
    fc.tuple(
      fc.constantFrom("EVAL"),
      fc.array(fc.constantFrom("return ARGV[1]", "return {KEYS[1],1.9}", "0", "1", "a"), { maxLength: 4 }),
    ),
  )
  .map(([name, args]) => request(name, ...args));

/** Where a request is changed, as a share of its length, how, and with what. */
const mark = fc.constantFrom(
  "*",
  "$",
  ":",
  "+",
  "-",
  "\r",
  "\n",
  "\r\n",
  "\0",
  "0",
  "9",
  "-1",
  '"',
  "'",
  "\\",
  "\xff",
  "*1\r\n",
  "$536870913\r\n",
  "999999999999",
);
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 3 }),
  put: fc.oneof(mark, fc.constant("")),
});
const mutated = fc
  .tuple(fc.array(valid, { minLength: 1, maxLength: 4 }), fc.array(change, { maxLength: 3 }))
  .map(([requests, changes]) => changes.reduce(changed, requests.join("")));
const noise = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...[..."*$\r\n 019\"'"].map((each) => each.charCodeAt(0)))),
  {
    maxLength: 60,
  },
);
const random = noise.map((bytes) => String.fromCharCode(...bytes));

function changed(text: string, { at, cut, put }: { readonly at: number; readonly cut: number; readonly put: string }): string {
  const place = Math.floor(at * text.length);
  return text.slice(0, place) + put + text.slice(place + cut);
}

/** The same bytes in pieces. */
function inPieces(text: string, cuts: readonly number[]): readonly string[] {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * text.length)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => text.slice(place, places[index])).filter((piece) => piece !== "");
}

test("requests that were changed, and bytes at random, are answered as Redis answers them", { timeout: 600_000 }, async () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 3 });
  const fresh = request("FLUSHALL");
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ arbitrary: mutated, weight: 4 }, { arbitrary: random, weight: 1 }),
      cuts,
      async (bytes, where) => {
        expect(await wires.agree([fresh, ...inPieces(bytes, where)])).toMatch(/^\+OK\r\n/);
        expect(await talk(wires.ours, ["PING\r\n"])).toBe("+PONG\r\n");
      },
    ),
    runs,
  );
});
