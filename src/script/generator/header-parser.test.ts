import { expect, test } from "vitest";
import { parseHeader } from "./header-parser.ts";

test("the prose before the tags is the doc, and a line below a tag continues it", () => {
  const { header, problems } = read(
    "--- Take the lease.",
    "---",
    "---   Indented as it is.",
    "---",
    "--- @key    job_row*  hash  one a job,",
    "---                         for a day",
    "--- @arg    ttl_ms    duration",
    "---           how long",
    '--- @reply  "granted", token: bigint,',
    "---           until_ms: instant  it is yours",
    '--- @reply  "in-use"  it is not',
    "--- @writes once, because of the token",
    "",
    "return 1",
  );
  expect(problems).toEqual([]);
  expect(header?.doc).toBe("Take the lease.\n\n  Indented as it is.");
  expect(header?.keys).toEqual([
    { name: "job_row", property: "jobRow", kind: "hash", form: "prefix", doc: "one a job, for a day", line: 5 },
  ]);
  expect(header?.args).toEqual([{ name: "ttl_ms", property: "ttlMs", type: "duration", rest: false, doc: "how long", line: 7 }]);
  expect(header?.reply).toEqual({
    form: "outcomes",
    outcomes: [
      { word: "granted", fields: { token: "bigint", untilMs: "instant" }, doc: "it is yours", line: 9 },
      { word: "in-use", fields: {}, doc: "it is not", line: 11 },
    ],
  });
  expect(header?.writes).toBe("once");
});

test("an optional argument is nullable, and so is a type with a question mark", () => {
  const { header } = read(
    "--- Read.",
    "--- @arg a? string",
    "--- @arg b string?",
    "--- @arg ...c: {d: integer}",
    "--- @reply integer",
    "--- @writes none",
  );
  expect(header?.args.map(({ type, rest }) => ({ type, rest }))).toEqual([
    { type: { nullable: "string" }, rest: false },
    { type: { nullable: "string" }, rest: false },
    { type: { record: { d: "integer" } }, rest: true },
  ]);
});

test("everything that is wrong is said at once", () => {
  const { problems } = read(
    "--- @key a",
    "--- @key ...b* hash",
    "--- @arg c? string?",
    "--- @arg ...d? string",
    '--- @reply "two words"',
    '--- @reply "x", outcome: string',
  );
  expect(problems).toEqual([
    '1: a key is "@key name kind what it holds", for example "@key lease string owner of the lease"',
    '2: "b" is either all further keys ("...b") or a prefix ("b*"), not both',
    '3: "c?" and the "?" of its type say the same: write one of them',
    '4: "...d" may be empty already: leave out the "?"',
    '5: an outcome is one word such as "granted", not "two words"',
    '6: "outcome" is what the first word is called: give the field another name',
    expect.stringMatching(/^1: the header says how the script writes/),
    expect.stringMatching(/^1: the first line says what the script does/),
  ]);
});

test("a name that would begin with a digit in TypeScript is refused", () => {
  const header = ["--- Read.", "--- @key _2nd string", "--- @arg _2fa_code string", "--- @reply integer", "--- @writes none"];
  expect(read(...header).problems).toEqual([
    '2: "_2nd" would be "2nd" in TypeScript, which is no name: begin it with a letter',
    '3: "_2fa_code" would be "2faCode" in TypeScript, which is no name: begin it with a letter',
  ]);
});

test("what may be left out is not called as what every object has", () => {
  const tags = [
    "@arg to_string? string",
    "@arg row {value_of: string?}[]",
    "@arg constructor string",
    "@reply integer",
    "@writes none",
  ];
  expect(read("--- Read.", ...tags.map((tag) => `--- ${tag}`)).problems).toEqual([
    '2: every object has "toString", so TypeScript lets nobody leave it out: call it otherwise',
    '3: every object has "valueOf", so TypeScript lets nobody leave it out: call it otherwise',
  ]);
});

test("comments below the header are comments", () => {
  const { header, problems } = read(
    "-- A plain comment.",
    "--- Read.",
    "--- @reply integer",
    "--- @writes none",
    "",
    "--- Not prose.",
    "-- @nothing",
    "return 1",
  );
  expect(problems).toEqual([]);
  expect(header?.doc).toBe("Read.");
});

function read(...lines: readonly string[]): {
  readonly header: ReturnType<typeof parseHeader>;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const header = parseHeader(lines.join("\n"), (line, _, message) => {
    problems.push(`${line}: ${message}`);
  });
  return { header, problems };
}
