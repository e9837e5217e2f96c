import type { Variable } from "../syntax/index.ts";

/** A variable's name in JavaScript. The dollar keeps it clear of keywords and of our own names. */
export function nameOf(variable: Variable): string {
  return `${variable.name}$${variable.id}`;
}

/** A text as a JavaScript literal. */
export function literal(text: string | undefined): string {
  return text === undefined ? "undefined" : JSON.stringify(text);
}

/** A number as a JavaScript literal. */
export function numberLiteral(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "(1/0)";
  if (value === Number.NEGATIVE_INFINITY) return "(-1/0)";
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}
