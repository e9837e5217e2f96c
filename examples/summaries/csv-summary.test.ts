import { expect, test } from "vitest";
import { type CsvProgress, type CsvSummary, summarizeCsv } from "./csv-summary.ts";

const summarize = (csv: string, options?: Parameters<typeof summarizeCsv>[1]): Promise<CsvSummary> =>
  summarizeCsv(Buffer.from(csv), options);

const column = async (cells: string): Promise<unknown> => {
  // A second column, so that a row without a value is not a blank line.
  const csv = `it,x\n${cells
    .split("|")
    .map((cell) => `${cell},1\n`)
    .join("")}`;
  const { name: _, ...rest } = (await summarize(csv)).columns[0] ?? { name: "" };
  return rest;
};

test("rows are counted, and each column is told of", async () => {
  expect(await summarize("city,people,founded\nOslo,709037,1048-01-01\nBergen,291940,1070-01-01\nMoss,,\n")).toEqual({
    rows: 3,
    raggedRows: 0,
    firstRaggedRow: null,
    columns: [
      {
        name: "city",
        type: "string",
        count: 3,
        missing: 0,
        distinct: 3,
        distinctExact: true,
        min: "Bergen",
        max: "Oslo",
        mean: null,
      },
      {
        name: "people",
        type: "integer",
        count: 2,
        missing: 1,
        distinct: 2,
        distinctExact: true,
        min: 291_940,
        max: 709_037,
        mean: 500_488.5,
      },
      {
        name: "founded",
        type: "date",
        count: 2,
        missing: 1,
        distinct: 2,
        distinctExact: true,
        min: "1048-01-01",
        max: "1070-01-01",
        mean: null,
      },
    ],
  });
});

test.each([
  ["1|-2|+3", "integer", -2, 3],
  ["1|2.5|.5|1e3", "number", 0.5, 1000],
  ["true|FALSE", "boolean", null, null],
  ["2024-02-29|2024-03-01T10:00:00Z", "date", "2024-02-29", "2024-03-01T10:00:00Z"],
  ["2024-02-30|2023-01-01x", "string", "2023-01-01x", "2024-02-30"],
  ["00501|10001", "mixed", null, null],
  ["00501|00502", "string", "00501", "00502"],
  ["1e999", "string", "1e999", "1e999"],
  ["12345678901234567890", "number", 12345678901234567000, 12345678901234567000],
  ["1|one", "mixed", null, null],
  ["| |", "empty", null, null],
])("%s is %s, from %s to %s", async (cells, type, min, max) => {
  expect(await column(cells)).toMatchObject({ type, min, max });
});

test("quotes, line breaks and commas inside them, CRLF and a byte order mark are read as they are meant", async () => {
  const csv = '\uFEFF"id",note\r\n1,"a ""quote"", and\r\na line"\r\n\r\n2,plain\r\n';
  const { rows, columns } = await summarize(csv);
  expect(rows).toBe(2);
  expect(columns.map(({ name, distinct, min }) => [name, distinct, min])).toEqual([
    ["id", 2, 1],
    ["note", 2, 'a "quote", and\r\na line'],
  ]);
});

test("columns without a name, or with one that is taken, get one of their own", async () => {
  const { columns } = await summarize("a,,a,a (2),a\n1,2,3,4,5\n");
  expect(columns.map(({ name, min }) => [name, min])).toEqual([
    ["a", 1],
    ["column 2", 2],
    ["a (2)", 3],
    ["a (2) (2)", 4],
    ["a (3)", 5],
  ]);
});

test("ragged rows are counted, and the first is named", async () => {
  const { rows, raggedRows, firstRaggedRow, columns } = await summarize("a,b\n1,2\n3\n4,5,6\n");
  expect({ rows, raggedRows, firstRaggedRow }).toEqual({ rows: 3, raggedRows: 2, firstRaggedRow: 2 });
  expect(columns.map(({ count, missing }) => [count, missing])).toEqual([
    [3, 0],
    [2, 1],
  ]);
});

test("a file of a header alone has no rows, and its columns are empty", async () => {
  expect(await summarize("a,b")).toMatchObject({
    rows: 0,
    columns: [{ type: "empty" }, { type: "empty", min: null, mean: null }],
  });
});

test.each([
  ["lines without anything", "CSV_EMPTY", "\n\n"],
  ["a quote that stays open", "CSV_MALFORMED", 'a,b\n1,"open\n'],
  ["a quote in the middle", "CSV_MALFORMED", 'a,b\n1,x"y"\n'],
  ["too many columns", "CSV_TOO_WIDE", `${"c,".repeat(1_000)}c\n`],
  ["a field that never ends", "CSV_MALFORMED", `a\n"${"x".repeat(1_100_000)}`],
])("what cannot be summarized is refused: %s is %s", async (_, code, csv) => {
  await expect(summarize(csv)).rejects.toMatchObject({ name: "UnusableCsvError", code });
});

test("different values are counted up to a limit in each column and in all, and it is said that there are more", async () => {
  const csv = `a,b\n${Array.from({ length: 50 }, (_, row) => `${row},${row}\n`).join("")}`;
  const { columns } = await summarize(csv, { distinct: { perColumn: 30, total: 40 } });
  expect(columns.map(({ distinct, distinctExact }) => [distinct, distinctExact]).sort()).toEqual([
    [20, false],
    [20, false],
  ]);
  const enough = await summarize(csv, { distinct: { perColumn: 50, total: 100 } });
  expect(enough.columns.map(({ distinct, distinctExact }) => [distinct, distinctExact])).toEqual([
    [50, true],
    [50, true],
  ]);
});

const large = `id,half\n${Array.from({ length: 400_000 }, (_, row) => `${row},${row / 2}\n`).join("")}`;

test("a large file tells how far it is, and lets others run meanwhile", async () => {
  const told: CsvProgress[] = [];
  let turns = 0;
  const count = (): void => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const { rows, columns } = await summarize(large, { progress: (progress) => told.push(progress) });
  clearImmediate(timer);
  expect(rows).toBe(400_000);
  expect(columns[1]).toMatchObject({ type: "number", distinct: 100_000, distinctExact: false, mean: 399_999 / 4 });
  expect(told.at(-1)).toEqual({ percent: 100, bytes: large.length, totalBytes: large.length, rows: 400_000 });
  expect(told.map(({ bytes }) => bytes)).toEqual(told.map(({ bytes }) => bytes).sort((a, b) => a - b));
  expect(turns).toBeGreaterThan(20);
});

test("a signal ends it in the middle", async () => {
  const reason = new Error("canceled");
  const controller = new AbortController();
  let rows = 0;
  const summary = summarize(large, {
    signal: controller.signal,
    progress: (progress) => {
      rows = progress.rows;
      controller.abort(reason);
    },
  });
  await expect(summary).rejects.toBe(reason);
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(400_000);
});
