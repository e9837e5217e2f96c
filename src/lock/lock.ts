import type { RedisPort } from "../client/index.ts";
import { boolean, duration, InvalidInputError, integer, readOptions, withDefault } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { hashTag, prefixed, run } from "../script/index.ts";
import { Acquirer } from "./acquirer.ts";
import { type LockKeys, lockKeys, revokedChannel } from "./keys.ts";
import { type LeaseOptions, leaseFields, leaseSettings } from "./lease-options.ts";
import type { LeaseSource } from "./lease-source.ts";
import { type Group, LockSource, type LockSourceSettings } from "./lock-source.ts";
import { forceRelease, inspect } from "./scripts.gen.ts";
import { unavailable } from "./unavailable.ts";
import { WaitingLines } from "./waiting-line.ts";

/** Options of a {@link Lock}. */
export interface LockOptions extends LeaseOptions {
  /**
   * First come, first served, across processes. Every lock of the same resources must say the same; several resources at once
   * cannot be taken in turn. Costs more: every waiting caller keeps a place in Redis. @default false
   */
  readonly fair?: boolean;
  /** So many replicas must have the lease before it counts, so that a failover does not lose it. @default 0 */
  readonly replicas?: number;
  /** How long replicas may take. Other commands of the connection wait meanwhile. @default "100ms" */
  readonly replicaTimeout?: LeaseOptions["lease"];
}

/** A resource as it is in Redis. */
export interface LockState {
  /** Who holds it; `undefined` if nobody does. */
  readonly owner: string | undefined;
  /** How long the lease lasts if it is not extended; 0 if nobody holds it. */
  readonly remainingMs: number;
  /** The last token handed out; `undefined` if none is remembered. */
  readonly token: bigint | undefined;
  /** How many wait in line, if the lock is fair. */
  readonly waiting: number;
}

/** Answer of {@link Lock.forceRelease}: from whom it was taken, and a token that is larger than theirs. */
export type Forced = { readonly forced: true; readonly owner: string; readonly token: bigint } | { readonly forced: false };

/** So many resources can be locked at once: all of them are checked while the server does nothing else. */
const resourcesMax = 100;

/**
 * Leases on resources: at most one holder at a time, as far as one Redis can promise that, and a token with each lease with which
 * what the holder writes to can refuse those that came before.
 *
 * @throws {InvalidInputError} if an option is unknown or unusable
 * @example
 * const lock = new Lock(redis, { lease: "30s", wait: "5s" });
 * await using held = await lock.acquire("invoice:42");
 * await store.write(invoice, { token: held.token });
 */
export class Lock extends Acquirer<string | readonly string[]> {
  readonly #settings: LockSourceSettings;

  constructor(redis: RedisPort, options?: LockOptions) {
    checkPort("Lock", redis);
    const read = readOptions("Lock", options, {
      ...leaseFields,
      fair: withDefault(boolean(), false),
      replicas: withDefault(integer({ min: 0, max: 100 }), 0),
      replicaTimeout: withDefault(duration({ min: 1, max: 60_000 }), "100ms"),
    });
    const settings = leaseSettings(read);
    super("Lock", settings);
    this.#settings = {
      redis,
      lines: new WaitingLines(),
      keepFenceMs: settings.keepFenceMs,
      fair: read.fair,
      replicas: read.replicas,
      replicaTimeoutMs: read.replicaTimeout,
    };
  }

  /**
   * Takes a resource away from whoever holds it. Their signal fires at once if they hear messages, otherwise when they next extend.
   * For operators: the holder may be in the middle of something.
   *
   * @throws {LockUnavailableError} Redis could not be asked
   */
  async forceRelease(resource: string): Promise<Forced> {
    const { redis, keepFenceMs } = this.#settings;
    const { lease, fence } = lockKeys(resource);
    const channel = prefixed(redis.traits.prefix, revokedChannel);
    try {
      const reply = await run(redis, forceRelease, { lease, fence }, { channel, fenceMs: keepFenceMs });
      return reply.outcome === "free" ? { forced: false } : { forced: true, owner: reply.owner, token: reply.token };
    } catch (error) {
      throw unavailable([resource], error);
    }
  }

  /**
   * Looks at a resource without touching it.
   *
   * @throws {LockUnavailableError} Redis could not be asked
   */
  async inspect(resource: string): Promise<LockState> {
    const { lease, fence, queue } = lockKeys(resource);
    try {
      const { owner, remainingMs, token, waiting } = await run(this.#settings.redis, inspect, { lease, fence, queue }, {});
      return { owner: owner ?? undefined, remainingMs: Math.max(0, remainingMs), token: token ?? undefined, waiting };
    } catch (error) {
      throw unavailable([resource], error);
    }
  }

  protected override source(resource: string | readonly string[]): LeaseSource {
    const resources = typeof resource === "string" ? [resource] : readResources(resource);
    const { fair, redis } = this.#settings;
    if (fair && resources.length > 1) {
      throw new InvalidInputError(
        "INPUT_INVALID",
        "resource",
        "A fair lock takes one resource at a time: leave out { fair: true }.",
      );
    }
    return new LockSource(this.#settings, resources, groupsOf(resources, redis.traits.prefix));
  }
}

/** Resources in the order in which everybody takes them, each once. */
export function readResources(given: readonly string[]): readonly string[] {
  const resources = Array.isArray(given) ? [...new Set(given)].sort() : [];
  if (resources.length > 0 && resources.length <= resourcesMax) return resources;
  throw new InvalidInputError("INPUT_INVALID", "resource", `Lock one resource, or a list of 1 to ${resourcesMax}.`);
}

/** Resources by hash tag: what shares one shares a slot. */
function groupsOf(resources: readonly string[], prefix: string): readonly Group[] {
  if (resources.length === 1) return [groupOf([lockKeys(resources[0] as string)])];
  const byTag = new Map<string | undefined, LockKeys[]>();
  for (const resource of resources) {
    const keys = lockKeys(resource);
    const tag = hashTag(prefixed(prefix, keys.lease));
    const group = byTag.get(tag);
    if (group === undefined) byTag.set(tag, [keys]);
    else group.push(keys);
  }
  return [...byTag.values()].map(groupOf);
}

function groupOf(keys: readonly LockKeys[]): Group {
  const [first, ...others] = keys as readonly [LockKeys, ...LockKeys[]];
  if (others.length === 0) return { keys, pairs: [first.lease, first.fence], leases: [first.lease] };
  return { keys, pairs: keys.flatMap(({ lease, fence }) => [lease, fence]), leases: keys.map(({ lease }) => lease) };
}
