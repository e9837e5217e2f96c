import { setTimeout as pause } from "node:timers/promises";
import { type Duration, type Emitter, InvalidInputError, type Off, toMs } from "../core/index.ts";
import { LeaseLostError, LockUnavailableError, type LossReason } from "./errors.ts";
import type { LockEvents } from "./events.ts";
import type { Holder, LeaseSource } from "./lease-source.ts";

/**
 * What became of giving a lease back: `released` it was the holder's to the end; `lost` it was over before; `unknown` Redis could
 * not be asked, and it lapses by itself.
 */
export type Release = "released" | "lost" | "unknown";

/**
 * A lease that is held. It is extended by itself until it is released.
 *
 * Everything it says about time is said by this process' own monotonic clock, counted from before the lease was asked for, so it
 * is over here before it is over in Redis.
 */
export interface Held extends AsyncDisposable {
  readonly resources: readonly string[];
  /** Grows with every acquisition. What the holder writes to should refuse a token smaller than one it has seen. */
  readonly token: bigint;
  /** Who holds, as others see it. */
  readonly owner: string;
  /** Fires with a {@link LeaseLostError} when the lease is lost. It does not fire when the lease is released. */
  readonly signal: AbortSignal;
  /** Milliseconds for which the lease is certain; 0 once it is over. */
  remaining(): number;
  /**
   * Throws if the lease is not certain any more. Right before a step that relies on the lease: a signal cannot fire while the event
   * loop is blocked, this can.
   *
   * @throws {LeaseLostError}
   */
  assert(): void;
  /**
   * Makes the lease last so long from now, or as it is if that is longer.
   *
   * @throws {LeaseLostError} it is over
   * @throws {LockUnavailableError} Redis could not be asked; the lease still lasts for {@link remaining}
   */
  extend(lease?: Duration): Promise<void>;
  /** Gives the lease back. May be called twice, and after a loss; never rejects, so it cannot hide an error of the work. */
  release(): Promise<Release>;
}

/** What a held lease is made of. */
export interface HeldParts extends Holder {
  readonly source: LeaseSource;
  readonly events: Emitter<LockEvents>;
  readonly leaseMs: number;
  readonly renew: boolean;
  readonly maxHoldMs: number;
  /** When the lease was asked for, by `performance.now()`. */
  readonly sentAt: number;
}

/** Until when a lease is certain: clocks may run 1 % apart, and Redis may expire a key some milliseconds early. */
export function certainUntil(sentAt: number, leaseMs: number): number {
  return sentAt + leaseMs - leaseMs / 100 - 2;
}

export class HeldLease implements Held {
  readonly #parts: HeldParts;
  readonly #holdEndsAt: number;
  #endsAt: number;
  #renewedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #over: LossReason | undefined;
  #controller: AbortController | undefined;
  #unwatch: Off | undefined;
  #release: Promise<Release> | undefined;

  constructor(parts: HeldParts) {
    this.#parts = parts;
    this.#renewedAt = parts.sentAt;
    this.#endsAt = certainUntil(parts.sentAt, parts.leaseMs);
    this.#holdEndsAt = parts.sentAt + parts.maxHoldMs;
    this.#schedule();
    if (parts.events.heard("lose")) this.#watch();
  }

  get resources(): readonly string[] {
    return this.#parts.source.resources;
  }

  get token(): bigint {
    return this.#parts.token;
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get signal(): AbortSignal {
    // Most holders never ask for it, and a controller and a subscription cost more than the rest of the lease.
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#over === undefined) this.#watch();
      else if (this.#over !== "released") this.#controller.abort(this.#lostError());
    }
    return this.#controller.signal;
  }

  remaining(): number {
    return this.#over === undefined ? Math.max(0, this.#endsAt - performance.now()) : 0;
  }

  assert(): void {
    if (this.#over === undefined && performance.now() >= this.#endsAt) this.#lapse();
    if (this.#over !== undefined) throw this.#lostError();
  }

  async extend(lease?: Duration): Promise<void> {
    const leaseMs = lease === undefined ? this.#parts.leaseMs : toMs(lease, "lease");
    if (leaseMs < 10) throw new InvalidInputError("INPUT_INVALID", "lease", "A lease lasts at least 10 ms.");
    this.assert();
    await this.#extend(leaseMs, this.remaining());
    this.assert();
  }

  release(): Promise<Release> {
    this.#release ??= this.#giveBack();
    return this.#release;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #giveBack(): Promise<Release> {
    const { source, owner, token, sentAt, events } = this.#parts;
    if (this.#over === undefined && performance.now() >= this.#endsAt) this.#lapse();
    // A lease that is lost was given back when that was noticed; whoever releases it now does not wait for Redis again.
    const lost = this.#over !== undefined;
    const leftMs = this.#endsAt - performance.now();
    // From here on nothing extends it, whatever is still on its way: a lease must not outlive its release.
    if (!lost) this.#end("released");
    const outcome = lost ? "lost" : await giveBack(source, owner, leftMs);
    events.emit("release", { resources: source.resources, token, owner, outcome, heldMs: performance.now() - sentAt });
    return outcome;
  }

  #watch(): void {
    this.#unwatch ??= this.#parts.source.watch?.(this.#parts.owner, () => this.#lose("forced"));
  }

  #schedule(): void {
    const { renew, leaseMs } = this.#parts;
    const at = renew && this.#renewedAt < this.#holdEndsAt - leaseMs ? this.#renewedAt + leaseMs / 3 : this.#endsAt;
    this.#wakeAt(Math.min(at, this.#endsAt));
  }

  #wakeAt(at: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), wholeMs(at - performance.now()));
    this.#timer.unref();
  }

  #look(): void {
    if (this.#over !== undefined) return;
    const now = performance.now();
    if (now >= this.#endsAt) this.#lapse();
    else if (this.#parts.renew && now < this.#holdEndsAt - this.#parts.leaseMs / 100) void this.#renew(now);
    else this.#wakeAt(this.#endsAt);
  }

  async #renew(now: number): Promise<void> {
    // Rounded down: a lease must not outlive `maxHold`.
    const leaseMs = Math.max(1, Math.floor(Math.min(this.#parts.leaseMs, this.#holdEndsAt - now)));
    // While it is asked for, the end of the lease must be noticed all the same.
    this.#wakeAt(this.#endsAt);
    if (certainUntil(now, leaseMs) <= this.#endsAt) {
      // It was made longer by hand: it is due when no more is left than after a usual extension.
      if (leaseMs === this.#parts.leaseMs) this.#wakeAt(this.#endsAt - (leaseMs * 2) / 3);
      return;
    }
    try {
      // A third of the lease at most: if the first call hangs, there is time for a second.
      await this.#extend(leaseMs, Math.min(this.#endsAt - now, leaseMs / 3));
      if (this.#over === undefined) this.#schedule();
    } catch (error) {
      if (this.#over !== undefined) return;
      // Redis is away, maybe for a moment: again soon, until the lease is over.
      if (error instanceof LockUnavailableError) this.#wakeAt(Math.min(this.#endsAt, performance.now() + leaseMs / 20));
      else this.#lose("taken");
    }
  }

  /** Extends the lease once; loses it if Redis no longer knows it. */
  async #extend(leaseMs: number, timeoutMs: number): Promise<void> {
    const sentAt = performance.now();
    const extended = await this.#parts.source.extend(this.#parts, leaseMs, Math.max(1, Math.ceil(timeoutMs)));
    if (this.#over !== undefined) return;
    if (!extended) return this.#lose("taken");
    if (performance.now() >= this.#endsAt) return this.#lapse();
    this.#renewedAt = Math.max(this.#renewedAt, sentAt);
    this.#endsAt = Math.max(this.#endsAt, certainUntil(sentAt, leaseMs));
  }

  #lapse(): void {
    this.#lose(performance.now() >= this.#holdEndsAt - this.#parts.leaseMs / 50 - 5 ? "max-hold" : "lapsed");
  }

  #lose(reason: LossReason): void {
    if (this.#over !== undefined) return;
    this.#end(reason);
    const { source, owner, token, events } = this.#parts;
    // Some of several resources, or of several servers, may still be held.
    void source.give(owner, undefined).catch(() => {});
    this.#controller?.abort(this.#lostError());
    events.emit("lose", { resources: source.resources, token, owner, reason });
  }

  #end(reason: LossReason): void {
    this.#over = reason;
    clearTimeout(this.#timer);
    this.#unwatch?.();
  }

  #lostError(): LeaseLostError {
    const { source, token } = this.#parts;
    return new LeaseLostError({ resources: source.resources, token, reason: this.#over ?? "lapsed" });
  }
}

/** Node keeps a list of timers for each number of milliseconds, so fractions would make a list for each timer. */
function wholeMs(ms: number): number {
  return Math.min(Math.max(0, Math.floor(ms)), 2 ** 31 - 1);
}

/**
 * Gives a lease back, again if the connection was lost before the answer: who waits would otherwise wait until it lapses. Never
 * rejects.
 */
async function giveBack(source: LeaseSource, owner: string, leftMs: number): Promise<Release> {
  const endsAt = performance.now() + Math.min(leftMs, 1_000);
  // Waiting for longer than the lease lasts gains nothing.
  const timeoutMs = leftMs < 5_000 ? Math.max(100, Math.ceil(leftMs)) : undefined;
  let unsure = false;
  for (;;) {
    try {
      return (await source.give(owner, timeoutMs)) || unsure ? "released" : "lost";
    } catch (error) {
      if (!(error instanceof LockUnavailableError) || !error.temporary || performance.now() >= endsAt) return "unknown";
      // It may have been given back already: then the next answer is no.
      unsure ||= error.applied === "maybe";
      // A server that is loading says so at once.
      await pause(Math.min(25, Math.max(0, endsAt - performance.now())));
    }
  }
}
