/** Tables that read well in a terminal and are Markdown. */

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** A number with as many digits as can be meant: 12,345, 67.8, 0.91. */
export function figure(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * One contestant's cell: the median, its ratio to the first contestant's and the spread.
 *
 * @param {{ median?: number, ratio?: number, spread?: number, failures: readonly string[] } | undefined} outcome
 * @param {{ first: boolean }} place
 */
export function cell(outcome, { first }) {
  if (outcome === undefined) return "–";
  if (outcome.median === undefined) return "failed";
  const ratio = first ? "" : ` ×${figure(outcome.ratio)}`;
  const around = outcome.values.length > 1 ? ` ±${Math.round(outcome.spread * 100)}%` : "";
  return `${figure(outcome.median)}${ratio}${around}${outcome.failures.length > 0 ? " (!)" : ""}`;
}
