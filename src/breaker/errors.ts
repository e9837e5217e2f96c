import { RedluaError } from "../core/index.ts";

/** The breaker is open, or half-open and without room for another probe: the call was not made. */
export class CircuitOpenError extends RedluaError {
  override readonly code = "BREAKER_OPEN";
  /** Name of the breaker. */
  readonly breaker: string;
  /** When it is worth trying again, in milliseconds from now. */
  readonly retryInMs: number;

  constructor(breaker: string, retryInMs: number) {
    super(`Circuit breaker "${breaker}" is open, so the call was not made. Try again in ${retryInMs} ms, or give a fallback.`);
    this.breaker = breaker;
    this.retryInMs = retryInMs;
  }
}

/** A call took longer than its breaker allows. Its `signal` fired; it counts as failed. */
export class CallTimeoutError extends RedluaError {
  override readonly code = "BREAKER_TIMEOUT";
  /** Name of the breaker. */
  readonly breaker: string;
  readonly timeoutMs: number;

  constructor(breaker: string, timeoutMs: number) {
    super(`A call through circuit breaker "${breaker}" took longer than ${timeoutMs} ms.`);
    this.breaker = breaker;
    this.timeoutMs = timeoutMs;
  }
}
