/** What a column holds. `mixed` is more than one of the others; `empty` is none. */
export type ColumnType = "integer" | "number" | "boolean" | "date" | "string" | "mixed" | "empty";

/** What is told of a column. `null` where it makes no sense: the mean of a column of names. */
export interface ColumnSummary {
  readonly name: string;
  readonly type: ColumnType;
  /** How many cells have a value. */
  readonly count: number;
  /** How many have none. */
  readonly missing: number;
  readonly distinct: number;
  /** `false` if there are more than were counted. */
  readonly distinctExact: boolean;
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly mean: number | null;
}

type CellType = Exclude<ColumnType, "mixed" | "empty">;

/** How many different values may still be remembered, in one column and in all of them. */
export interface DistinctBudget {
  readonly perColumn: number;
  left: number;
}

/** Takes the cells of one column, one by one, in a bounded amount of memory. */
export class Column {
  readonly #name: string;
  readonly #budget: DistinctBudget;
  readonly #seen = new Set<string>();
  #exact = true;
  #count = 0;
  #missing = 0;
  readonly #types = new Set<CellType>();
  #numbers = 0;
  #mean = 0;
  readonly #extent = new Extent();

  constructor(name: string, budget: DistinctBudget) {
    this.#name = name;
    this.#budget = budget;
  }

  add(cell: string | undefined): void {
    const value = cell?.trim() ?? "";
    if (value === "") {
      this.#missing++;
      return;
    }
    this.#count++;
    this.#remember(value);
    const type = typeOf(value);
    this.#types.add(type);
    if (type === "integer" || type === "number") {
      // A running mean: a sum of many large numbers would lose the small ones.
      this.#mean += (Number(value) - this.#mean) / ++this.#numbers;
      this.#extent.add(Number(value), Number(value));
    } else if (type === "date") this.#extent.add(Date.parse(value), value);
    else if (type === "string") this.#extent.add(value, value.length > 100 ? `${value.slice(0, 99)}…` : value);
  }

  get summary(): ColumnSummary {
    const type = this.#type();
    const ordered = type !== "mixed" && type !== "boolean";
    return {
      name: this.#name,
      type,
      count: this.#count,
      missing: this.#missing,
      distinct: this.#seen.size,
      distinctExact: this.#exact,
      min: ordered ? this.#extent.min : null,
      max: ordered ? this.#extent.max : null,
      mean: type === "integer" || type === "number" ? this.#mean : null,
    };
  }

  #type(): ColumnType {
    const [first, second] = [...this.#types];
    if (first === undefined) return "empty";
    if (second === undefined) return first;
    return [...this.#types].every((each) => each === "integer" || each === "number") ? "number" : "mixed";
  }

  #remember(value: string): void {
    if (this.#seen.has(value)) return;
    if (this.#seen.size >= this.#budget.perColumn || this.#budget.left === 0) {
      this.#exact = false;
      return;
    }
    this.#seen.add(value);
    this.#budget.left--;
  }
}

/** The least and the greatest of things that compare. What is compared and what is shown may differ. */
class Extent {
  #least: { readonly by: number | string; readonly shown: number | string } | undefined;
  #greatest: { readonly by: number | string; readonly shown: number | string } | undefined;

  add(by: number | string, shown: number | string): void {
    // Unlike things do not compare; a column that has both is mixed and shows neither.
    if (this.#least === undefined || by < this.#least.by) this.#least = { by, shown };
    if (this.#greatest === undefined || by > this.#greatest.by) this.#greatest = { by, shown };
  }

  get min(): number | string | null {
    return this.#least?.shown ?? null;
  }

  get max(): number | string | null {
    return this.#greatest?.shown ?? null;
  }
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const date = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

function typeOf(value: string): CellType {
  // Digits with a zero in front are a code and no number: 00501 is a place.
  if (number.test(value) && !/^[+-]?0\d/.test(value) && Number.isFinite(Number(value))) {
    return /^[+-]?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? "integer" : "number";
  }
  if (/^(?:true|false)$/i.test(value)) return "boolean";
  return isDate(value) ? "date" : "string";
}

function isDate(value: string): boolean {
  const [, year, month, day] = date.exec(value) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(value))) return false;
  // The 30th of February is taken for the 1st of March.
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}
