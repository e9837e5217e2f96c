import { type Duration, InvalidInputError, show, toMs } from "../core/index.ts";
import { graceMsMax } from "./entry-format.ts";

/** What a factory is given. */
export interface LoadContext<Value = unknown> {
  readonly key: string;
  /** Fires when the factory takes longer than `factoryTimeout`: stop then, the value is not wanted any more. */
  readonly signal: AbortSignal;
  /** The value that has ended, if there is one: answer it again if the source says that it has not changed. */
  readonly stale: Value | undefined;
  /** Answers a value that is not to be cached: `return skip(page)`. */
  skip<Answer>(value: Answer): Answer;
  /** Sets the time to live of this value, once the factory knows it. */
  ttl(ttl: Duration): void;
}

/** Computes a value; `Stale` is what the one before it was. */
export type Factory<Value, Stale = Value> = (context: LoadContext<Stale>) => Value | Promise<Value>;

/** The context of one run of a factory, and what the factory said by it. */
export class Load<Value> {
  readonly context: LoadContext<Value>;
  skipped = false;
  ttlMs: number | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;

  constructor(key: string, stale: Value | undefined) {
    const signal = (): AbortSignal => this.#signal();
    this.context = {
      key,
      stale,
      // Made when it is asked for: most factories do not look, and a controller is what costs most here.
      get signal() {
        return signal();
      },
      skip: (value) => {
        this.skipped = true;
        return value;
      },
      ttl: (ttl) => {
        const ttlMs = toMs(ttl, "ttl");
        if (ttlMs > graceMsMax) {
          const message = `ttl must be at most ${graceMsMax} ms, as the option is, not ${show(ttl)}.`;
          throw new InvalidInputError("INPUT_INVALID", "ttl", message);
        }
        this.ttlMs = Math.max(1, ttlMs);
      },
    };
  }

  /** Tells the factory to stop. */
  abort(reason: unknown): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }
}
