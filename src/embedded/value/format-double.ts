import { formatNumber17 } from "../number/index.ts";

/** Writes a double as C's `%.17g` does: the form in which Redis answers and stores scores. */
export function formatDouble(value: number): string {
  return Number.isNaN(value) ? "nan" : formatNumber17(value);
}
