import { checkCallable, Emitter, type Off } from "../core/index.ts";
import { Acquisition } from "./acquisition.ts";
import { type HeldFacts, LeaseLostError, LockHeldError, LockTimeoutError } from "./errors.ts";
import type { LockEvents } from "./events.ts";
import { type Held, HeldLease } from "./held.ts";
import { type AcquireOptions, acquireSettings, type LeaseSettings } from "./lease-options.ts";
import type { LeaseSource } from "./lease-source.ts";

/** Answer of `tryAcquire`: the lease, or who has it. */
export type Attempt =
  | { readonly granted: true; readonly held: Held }
  | ({ readonly granted: false; readonly waitedMs: number } & HeldFacts);

/** What a lock, a Redlock and a semaphore have in common: leases are taken, held and given back in the same way. */
export abstract class Acquirer<Resource extends string | readonly string[]> {
  readonly #kind: string;
  readonly #settings: LeaseSettings;
  readonly #once: LeaseSettings;
  readonly #events = new Emitter<LockEvents>("lock", { acquire: true, deny: true, release: true, lose: true });

  /** @param kind what errors about options call it: `Lock` */
  protected constructor(kind: string, settings: LeaseSettings) {
    this.#kind = kind;
    this.#settings = settings;
    this.#once = { ...settings, waitMs: 0 };
  }

  /**
   * Takes the lease, waiting for it if need be.
   *
   * @throws {LockHeldError} it is held, and `wait` is 0
   * @throws {LockTimeoutError} it was held for all of `wait`
   * @throws {LockUnavailableError} nobody could say who holds it
   * @throws {InvalidInputError} a resource or an option cannot be used
   * @throws the signal's reason, if it fires
   * @example
   * await using held = await lock.acquire("invoice:42", { wait: "10s", signal: request.signal });
   */
  async acquire(resource: Resource, options?: AcquireOptions): Promise<Held> {
    const attempt = await this.#attempt(resource, options, this.#settings);
    if (attempt.granted) return attempt.held;
    throw attempt.waitedMs === 0 ? new LockHeldError(attempt) : new LockTimeoutError(attempt);
  }

  /**
   * The same, but that somebody else holds it is an answer, not an error. Does not wait unless told to.
   *
   * @throws {LockUnavailableError} nobody could say who holds it
   * @throws {InvalidInputError} a resource or an option cannot be used
   * @throws the signal's reason, if it fires
   * @example
   * const attempt = await lock.tryAcquire("invoice:42");
   * if (!attempt.granted) return retryAfter(attempt.retryInMs);
   */
  tryAcquire(resource: Resource, options?: AcquireOptions): Promise<Attempt> {
    return this.#attempt(resource, options, this.#once);
  }

  /**
   * Does some work while holding the lease, and releases it afterwards.
   *
   * @throws what the work throws; or, if it did not, {@link LeaseLostError} when the lease was lost while it worked; or what
   *   {@link acquire} throws
   * @example
   * const receipt = await lock.using("invoice:42", ({ signal, token }) => charge(invoice, { signal, token }));
   */
  async using<T>(resource: Resource, work: (held: Held) => T | Promise<T>, options?: AcquireOptions): Promise<T> {
    checkCallable(`${this.#kind}.using`, "work", work);
    const held = await this.acquire(resource, options);
    let result: T;
    try {
      result = await work(held);
    } catch (error) {
      await held.release();
      throw error;
    }
    if ((await held.release()) !== "lost") return result;
    // Somebody else may have held it meanwhile, and nobody but the caller can say what that means for the result.
    const { resources, token, signal } = held;
    throw signal.aborted ? signal.reason : new LeaseLostError({ resources, token, reason: "taken" });
  }

  /** Calls a listener at each event of a name, until the function that this answers is called. */
  on<Name extends keyof LockEvents>(name: Name, listener: (event: LockEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  /** Where leases of a resource come from. Refuses resources that cannot be locked. */
  protected abstract source(resource: Resource): LeaseSource;

  async #attempt(resource: Resource, options: AcquireOptions | undefined, usual: LeaseSettings): Promise<Attempt> {
    const settings = options === undefined ? usual : acquireSettings(`${this.#kind}.acquire`, options, usual);
    const source = this.source(resource);
    const startedAt = performance.now();
    const taken = await new Acquisition(source, usual.owner, settings).run();
    const waitedMs = settings.waitMs === 0 ? 0 : Math.ceil(performance.now() - startedAt);
    const { resources } = source;
    if (!taken.granted) {
      this.#events.emit("deny", { resources, owner: taken.owner, waitedMs });
      return { ...taken, resources, waitedMs };
    }
    const { leaseMs, renew, maxHoldMs } = settings;
    const { owner, token, sentAt } = taken;
    // Its first extension is due before anybody knows that it is held.
    const held = new HeldLease({ source, events: this.#events, owner, token, sentAt, leaseMs, renew, maxHoldMs });
    this.#events.emit("acquire", { resources, token, owner, waitedMs });
    return { granted: true, held };
  }
}
