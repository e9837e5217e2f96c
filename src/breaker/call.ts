/** What a call through a breaker gets. */
export interface BreakerCall {
  /** Fires when the call took too long, or its caller gave up. */
  readonly signal: AbortSignal;
  /** The call is a probe: what comes of it decides whether the breaker closes. */
  readonly probe: boolean;
}

/** What bounds one call. */
export interface CallLimits {
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  /** Makes the error of a call that took too long. */
  readonly timedOut: (timeoutMs: number) => Error;
}

/** A call under way. Its signal is made when somebody asks for it: most calls never do, and it costs more than all the rest. */
export class Call implements BreakerCall {
  readonly probe: boolean;
  #controller: AbortController | undefined;

  constructor(probe: boolean) {
    this.probe = probe;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Makes the call. Ends when it does, when its time is up, or when its caller gives up, whichever is first. */
  run<T>(work: (call: BreakerCall) => T | PromiseLike<T>, { signal, timeoutMs, timedOut }: CallLimits): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        this.#controller ??= new AbortController();
        this.#controller.abort(reason);
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal?.reason);
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => giveUp(timedOut(timeoutMs)), timeoutMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      // What a call that was given up answers, or throws, nobody hears: it has been answered.
      Promise.resolve(attempt(work, this)).finally(end).then(resolve, reject);
    });
  }
}

async function attempt<T>(work: (call: BreakerCall) => T | PromiseLike<T>, call: BreakerCall): Promise<T> {
  return await work(call);
}
