import { randomUUID } from "node:crypto";
import { LockUnavailableError } from "./errors.ts";
import { certainUntil } from "./held.ts";
import type { AcquireSettings } from "./lease-options.ts";
import type { Denial, LeaseSource, Taking } from "./lease-source.ts";

/** A lease was taken, and when it was asked for. */
export interface Taken {
  readonly granted: true;
  readonly owner: string;
  readonly token: bigint;
  readonly sentAt: number;
}

/** A waiting caller that hears messages looks by itself after so long: a message can be lost. */
const lookMsMax = 1_000;
/** One that hears none, or whose Redis is away, looks so often. */
const blindLookMs = 100;
/** No other process, and no other life of this one, has the same. */
const life = randomUUID();
let acquisitions = 0;

/** How long a call may take that does not say so itself. */
const usualTimeoutMs = 5_000;

/**
 * One caller's way to a lease: a first try, then a place in the line of this process, until it is granted or the caller's patience
 * or signal ends it.
 */
export class Acquisition {
  readonly #source: LeaseSource;
  readonly #label: string;
  readonly #settings: AcquireSettings;
  readonly #endsAt: number;
  #owner: string;
  #sentAt = 0;
  /** A try whose answer was lost may have been granted. */
  #unsure = false;

  /** @param label who asks, as others see it */
  constructor(source: LeaseSource, label: string, settings: AcquireSettings) {
    this.#source = source;
    this.#label = label;
    this.#settings = settings;
    this.#endsAt = performance.now() + settings.waitMs;
    this.#owner = this.#newOwner();
  }

  /**
   * Resolves with the lease, or with who held it last.
   *
   * @throws {LockUnavailableError} nobody could say who holds it
   * @throws the signal's reason, if it fires
   */
  async run(): Promise<Taken | Denial> {
    const { signal, waitMs } = this.#settings;
    signal?.throwIfAborted();
    let outcome: Taking | LockUnavailableError | undefined;
    try {
      // Who finds others waiting in this process stands behind them at once: that costs Redis nothing.
      if (waitMs === 0 || !this.#source.crowded) outcome = await this.#try(this.#firstTimeoutMs());
      if (waitMs > 0 && !isGranted(outcome)) outcome = await this.#wait(outcome);
      if (outcome instanceof LockUnavailableError) throw outcome;
      if (isGranted(outcome)) return { granted: true, owner: this.#owner, token: outcome.token, sentAt: this.#sentAt };
      return outcome ?? { granted: false, owner: undefined, retryInMs: 0, nodes: [] };
    } finally {
      if (!isGranted(outcome)) this.#giveUp();
    }
  }

  async #wait(first: Taking | LockUnavailableError | undefined): Promise<Taking | LockUnavailableError | undefined> {
    const { signal } = this.#settings;
    const line = this.#source.line();
    const place = line.join(this.#owner);
    let outcome = first;
    try {
      for (;;) {
        const leftMs = this.#endsAt - performance.now();
        if (leftMs > 0) await place.turn(lookMs(outcome, line.listening), leftMs, signal, this.#restMs(outcome));
        signal?.throwIfAborted();
        if (performance.now() >= this.#endsAt || leftMs <= 0) return outcome;
        if (this.#source.ownerPerTry) this.#owner = this.#newOwner();
        outcome = await this.#try(Math.max(50, Math.ceil(Math.min(this.#endsAt - performance.now(), usualTimeoutMs))));
        if (isGranted(outcome)) return outcome;
      }
    } finally {
      line.leave(place, isGranted(outcome));
    }
  }

  /** Tries once. That Redis is away is no reason to give up while there is time left, so it is answered, not thrown. */
  async #try(timeoutMs: number | undefined): Promise<Taking | LockUnavailableError> {
    const { leaseMs, waitMs, signal } = this.#settings;
    this.#sentAt = performance.now();
    try {
      const taking = await this.#source.take({ owner: this.#owner, leaseMs, waits: waitMs > 0, signal, timeoutMs });
      if (!taking.granted) this.#unsure = false;
      else if (performance.now() >= certainUntil(this.#sentAt, leaseMs)) return this.#tooLate();
      return taking;
    } catch (error) {
      if (!(error instanceof LockUnavailableError)) throw error;
      this.#unsure ||= error.applied === "maybe";
      signal?.throwIfAborted();
      if (!error.temporary) throw error;
      return error;
    }
  }

  /** The answer took longer than the lease lasts: somebody else may hold it by now. */
  #tooLate(): LockUnavailableError {
    const { resources } = this.#source;
    this.#abandon();
    this.#owner = this.#newOwner();
    return new LockUnavailableError("the answer came when the lease was over already. Use a longer lease.", {
      resources,
      nodes: [],
      applied: "maybe",
      temporary: true,
    });
  }

  /** What a failed try gives back wakes who waits for it, this caller among them: that must not lead to the next try at once. */
  #restMs(last: Taking | LockUnavailableError | undefined): number {
    return this.#source.ownerPerTry && last !== undefined ? blindLookMs * (0.5 + Math.random()) : 0;
  }

  #firstTimeoutMs(): number | undefined {
    const { leaseMs, waitMs } = this.#settings;
    const ms = Math.min(leaseMs, waitMs > 0 ? Math.max(waitMs, 100) : leaseMs);
    return ms < usualTimeoutMs ? ms : undefined;
  }

  #giveUp(): void {
    if (this.#unsure) this.#abandon();
    if (this.#settings.waitMs > 0) void this.#source.leave?.(this.#owner);
  }

  #abandon(): void {
    void this.#source.give(this.#owner, undefined).catch(() => {});
  }

  #newOwner(): string {
    acquisitions++;
    return `${this.#label}/${life}-${acquisitions}`;
  }
}

function isGranted(outcome: Taking | LockUnavailableError | undefined): outcome is Taking & { readonly granted: true } {
  return outcome !== undefined && !(outcome instanceof Error) && outcome.granted;
}

function lookMs(last: Taking | LockUnavailableError | undefined, listening: boolean): number {
  const retryInMs = last === undefined || last instanceof Error || last.granted ? Infinity : last.retryInMs;
  // Spread, so that what waits in several processes does not ask at the same moment.
  if (!listening || last instanceof Error) return Math.min(retryInMs + 1, blindLookMs) * (0.5 + Math.random());
  return Math.min(retryInMs + 1, lookMsMax) + Math.random() * 50;
}
