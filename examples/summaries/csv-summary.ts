import { setImmediate as nextTurn } from "node:timers/promises";
import { type Parser, CsvError as ParserError, parse } from "csv-parse";
import { Column, type ColumnSummary, type DistinctBudget } from "./column.ts";

/** What is told of a CSV file. */
export interface CsvSummary {
  /** Rows without the header and without blank lines. */
  readonly rows: number;
  /** Rows with fewer or more cells than the header: what is too much was left out, what lacks counted as missing. */
  readonly raggedRows: number;
  /** Number of the first of them, the row below the header being 1. */
  readonly firstRaggedRow: number | null;
  readonly columns: readonly ColumnSummary[];
}

/** How far a summary is. */
export interface CsvProgress {
  readonly percent: number;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly rows: number;
}

/** A file that cannot be summarized, whatever one tries. */
export class UnusableCsvError extends Error {
  readonly code: "CSV_EMPTY" | "CSV_MALFORMED" | "CSV_TOO_WIDE";

  constructor(code: UnusableCsvError["code"], message: string) {
    super(message);
    this.name = "UnusableCsvError";
    this.code = code;
  }
}

/** How a file is gone through. */
export interface SummarizeOptions {
  readonly signal?: AbortSignal;
  /** Told a few times a second, and at the end; that last time is waited for. */
  readonly progress?: (progress: CsvProgress) => unknown;
  /** Counts up to so many different values exactly, per column and in all. @default { perColumn: 100_000, total: 1_000_000 } */
  readonly distinct?: { readonly perColumn: number; readonly total: number };
}

// About 3 ms of work: between two pieces the process does whatever else it has to, such as renewing leases.
const pieceBytes = 64 * 1024;
const progressEveryMs = 100;
const columnsMax = 1_000;

/**
 * Summarizes a CSV file: commas, the first line names the columns, quotes as in RFC 4180.
 *
 * @throws {UnusableCsvError} it is empty, broken or too wide
 * @throws the signal's reason, if it fires
 */
export async function summarizeCsv(csv: Uint8Array, options: SummarizeOptions = {}): Promise<CsvSummary> {
  const { signal, progress, distinct = { perColumn: 100_000, total: 1_000_000 } } = options;
  const table = new Table({ perColumn: distinct.perColumn, left: distinct.total });
  const parser = parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 1_000_000 });
  // Its errors arrive where it is written to as well.
  parser.on("error", () => {}).on("data", (cells: readonly string[]) => table.add(cells));
  let toldAt = performance.now();
  try {
    for (let at = 0; at < csv.byteLength; at += pieceBytes) {
      signal?.throwIfAborted();
      await write(parser, csv.subarray(at, at + pieceBytes));
      table.checkWidth();
      if (performance.now() - toldAt >= progressEveryMs) {
        toldAt = performance.now();
        progress?.(progressOf(Math.min(at + pieceBytes, csv.byteLength), csv.byteLength, table.rows));
      }
      await nextTurn();
    }
    await end(parser);
    table.checkWidth();
  } catch (error) {
    throw error instanceof ParserError ? new UnusableCsvError("CSV_MALFORMED", `${error.message.slice(0, 300)}.`) : error;
  } finally {
    parser.destroy();
  }
  await progress?.(progressOf(csv.byteLength, csv.byteLength, table.rows));
  return table.summary;
}

function write(parser: Parser, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

function end(parser: Parser): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject).once("end", resolve).end();
  });
}

function progressOf(bytes: number, totalBytes: number, rows: number): CsvProgress {
  return { percent: Math.floor((bytes / Math.max(1, totalBytes)) * 100), bytes, totalBytes, rows };
}

class Table {
  readonly #budget: DistinctBudget;
  #columns: readonly Column[] | undefined;
  #ragged = 0;
  #firstRaggedRow: number | null = null;
  #width = 0;
  rows = 0;

  constructor(budget: DistinctBudget) {
    this.#budget = budget;
  }

  add(cells: readonly string[]): void {
    if (this.#columns === undefined) {
      this.#width = cells.length;
      this.#columns = columnNames(cells.slice(0, columnsMax)).map((name) => new Column(name, this.#budget));
      return;
    }
    this.rows++;
    if (cells.length !== this.#width) {
      this.#ragged++;
      this.#firstRaggedRow ??= this.rows;
    }
    for (const [index, column] of this.#columns.entries()) column.add(cells[index]);
  }

  get summary(): CsvSummary {
    if (this.#columns === undefined)
      throw new UnusableCsvError("CSV_EMPTY", "There is no line in it that could name the columns.");
    const columns = this.#columns.map((column) => column.summary);
    return { rows: this.rows, raggedRows: this.#ragged, firstRaggedRow: this.#firstRaggedRow, columns };
  }

  /** Refuses a file that has more columns than are summarized. */
  checkWidth(): void {
    if (this.#width <= columnsMax) return;
    throw new UnusableCsvError("CSV_TOO_WIDE", `It has ${this.#width} columns; ${columnsMax} are the limit.`);
  }
}

/** Names of columns, each its own: `name`, `name (2)`; one without is called by its place, `column 3`. */
function columnNames(header: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return header.map((cell, index) => {
    const wanted = cell.trim() || `column ${index + 1}`;
    let name = wanted;
    for (let again = 2; taken.has(name); again++) name = `${wanted} (${again})`;
    taken.add(name);
    return name;
  });
}
