import { hostname } from "node:os";
import { accept, boolean, type Duration, duration, type Field, readOptions, text, withDefault } from "../core/index.ts";

/** Options that every kind of lock has. */
export interface LeaseOptions {
  /** How long a lease lasts if it is not extended: so long is the resource blocked after its holder's death. @default "30s" */
  readonly lease?: Duration;
  /** How long `acquire` waits for a resource that is held. `0` tries once. @default "5s" */
  readonly wait?: Duration;
  /** Extend leases by themselves, at a third of their life, until they are released. @default true */
  readonly renew?: boolean;
  /** How long a lease is extended by itself at most. @default no limit: until it is released */
  readonly maxHold?: Duration;
  /**
   * How long the last token is remembered after its lease. Tokens grow even if the server's clock is set back, or a failover
   * leads to a server whose clock is behind, by no more than this. @default "1h"
   */
  readonly keepFence?: Duration;
  /** Who holds, as others see it when they are refused or look. @default host name and process id */
  readonly owner?: string;
}

/** Options of one acquisition. */
export interface AcquireOptions {
  /** @default as the lock says */
  readonly lease?: Duration;
  /** @default as the lock says; `tryAcquire` does not wait */
  readonly wait?: Duration;
  /** @default as the lock says */
  readonly renew?: boolean;
  /** @default as the lock says */
  readonly maxHold?: Duration;
  /** Gives up when it fires: `acquire` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How leases are taken, as read. */
export interface LeaseSettings extends AcquireSettings {
  readonly keepFenceMs: number;
  readonly owner: string;
}

/** How one lease is taken, as read. */
export interface AcquireSettings {
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly renew: boolean;
  readonly maxHoldMs: number;
  readonly signal: AbortSignal | undefined;
}

// A timer has 31 bits of milliseconds.
const timerMsMax = 2 ** 31 - 1;
const lease = duration({ min: 10, max: timerMsMax });
const wait = duration({ max: timerMsMax });
const signal = accept<AbortSignal>("an AbortSignal", (value) => value instanceof AbortSignal);

type Defaulted<Value> = Field<Value> & { readonly fallback: unknown };

/** The fields that every kind of lock reads. */
export const leaseFields: {
  readonly lease: Defaulted<number>;
  readonly wait: Defaulted<number>;
  readonly renew: Defaulted<boolean>;
  readonly maxHold: Field<number>;
  readonly keepFence: Defaulted<number>;
  readonly owner: Defaulted<string>;
} = {
  lease: withDefault(lease, "30s"),
  wait: withDefault(wait, "5s"),
  renew: withDefault(boolean(), true),
  maxHold: duration({ min: 10 }),
  keepFence: withDefault(duration({ min: 1_000 }), "1h"),
  owner: withDefault(text({ max: 200 }), `${hostname()}:${process.pid}`),
};

/** What was read by {@link leaseFields}, with units in its names. */
export function leaseSettings(read: {
  readonly lease: number;
  readonly wait: number;
  readonly renew: boolean;
  readonly maxHold: number | undefined;
  readonly keepFence: number;
  readonly owner: string;
}): LeaseSettings {
  return {
    leaseMs: Math.min(read.lease, read.maxHold ?? Infinity),
    waitMs: read.wait,
    renew: read.renew,
    maxHoldMs: read.maxHold ?? Infinity,
    signal: undefined,
    keepFenceMs: read.keepFence,
    owner: read.owner,
  };
}

/** The settings of one acquisition: what the caller says, and for the rest what the lock says. */
export function acquireSettings(owner: string, given: AcquireOptions, usual: LeaseSettings): AcquireSettings {
  const read = readOptions(owner, given, { lease, wait, renew: boolean(), maxHold: duration({ min: 10 }), signal });
  const maxHoldMs = read.maxHold ?? usual.maxHoldMs;
  return {
    leaseMs: Math.min(read.lease ?? usual.leaseMs, maxHoldMs),
    waitMs: read.wait ?? usual.waitMs,
    renew: read.renew ?? usual.renew,
    maxHoldMs,
    signal: read.signal,
  };
}
