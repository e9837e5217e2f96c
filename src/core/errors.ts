/** Marks every redlua error, in every installed copy of redlua. */
const kinds = Symbol.for("redlua.error.kinds");

/**
 * The root of every error that redlua throws.
 *
 * `instanceof` holds across two installed copies of redlua, so an application and a library it uses can
 * each bring their own. Every {@link code} is on one page of the docs, `docs/reference/errors.md`.
 *
 * @example
 * try {
 *   await queue.add("welcome", payload);
 * } catch (error) {
 *   if (error instanceof RedluaError && error.code === "CLIENT_UNAVAILABLE") return retryLater();
 *   throw error;
 * }
 */
export abstract class RedluaError extends Error {
  /** Stable name of what went wrong: `FEATURE_REASON`. */
  abstract readonly code: string;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    Object.defineProperty(this, kinds, { value: lineage(new.target) });
  }

  static override [Symbol.hasInstance](this: { readonly name: string }, value: unknown): boolean {
    try {
      const names = (value as { [kinds]?: readonly string[] } | null | undefined)?.[kinds];
      return names?.includes(this.name) ?? false;
    } catch {
      // Anything may be thrown, also a proxy that was revoked; and who caught it asks first what it is.
      return false;
    }
  }
}

/** Names of a class and of the classes it extends, down to {@link RedluaError}. */
function lineage(kind: { readonly name: string }): readonly string[] {
  const names: string[] = [];
  for (let each = kind; each !== Error; each = Object.getPrototypeOf(each)) names.push(each.name);
  return names;
}

/** An option or argument that cannot be used. Nothing was sent to Redis. */
export class InvalidInputError extends RedluaError {
  override readonly code: "INPUT_INVALID" | "OPTION_UNKNOWN" | "OPTION_INVALID" | "OPTION_MISSING";
  /** What was wrong: `Worker.concurrency`, `args.ttlMs`. */
  readonly field: string;

  constructor(code: InvalidInputError["code"], field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
