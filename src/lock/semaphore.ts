import type { RedisPort } from "../client/index.ts";
import { integer, readOptions, required } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { prefixed, run } from "../script/index.ts";
import { Acquirer } from "./acquirer.ts";
import { type SemaphoreKeys, semaphoreKeys } from "./keys.ts";
import { type LeaseOptions, type LeaseSettings, leaseFields, leaseSettings } from "./lease-options.ts";
import type { Holder, LeaseSource, TakeRequest, Taking } from "./lease-source.ts";
import { acquirePermit, extendPermit, inspectPermits, releasePermit } from "./scripts.gen.ts";
import { unavailable } from "./unavailable.ts";
import { type WaitingLine, WaitingLines } from "./waiting-line.ts";

/** Options of a {@link Semaphore}. */
export interface SemaphoreOptions extends LeaseOptions {
  /**
   * So many may hold a resource at once. Every semaphore of a resource should say the same; after a change the new limit counts for
   * who comes, and nobody who holds is sent away.
   */
  readonly limit: number;
}

/** A resource with permits, as it is in Redis. */
export interface SemaphoreState {
  /** How many permits are taken. */
  readonly taken: number;
  /** Who holds them, who lapses first coming first; at most 100. */
  readonly holders: readonly { readonly owner: string; readonly remainingMs: number }[];
}

const holdersMax = 100;

/**
 * Lets so many callers in at once, over all processes: each holds a permit under a lease of its own.
 *
 * @throws {InvalidInputError} if an option is unknown or unusable
 * @example
 * const semaphore = new Semaphore(redis, { limit: 10 });
 * await semaphore.using("report-printer", () => print(report));
 */
export class Semaphore extends Acquirer<string> {
  readonly #redis: RedisPort;
  readonly #limit: number;
  readonly #settings: LeaseSettings;
  readonly #lines = new WaitingLines();

  constructor(redis: RedisPort, options: SemaphoreOptions) {
    checkPort("Semaphore", redis);
    const { limit, ...read } = readOptions("Semaphore", options, {
      ...leaseFields,
      limit: required(integer({ min: 1, max: 100_000 })),
    });
    const settings = leaseSettings(read);
    super("Semaphore", settings);
    this.#redis = redis;
    this.#limit = limit;
    this.#settings = settings;
  }

  /**
   * Looks at a resource without touching it.
   *
   * @throws {LockUnavailableError} Redis could not be asked
   */
  async inspect(resource: string): Promise<SemaphoreState> {
    const { permits } = semaphoreKeys(resource);
    try {
      const { taken, holders, nowMs } = await run(this.#redis, inspectPermits, { permits }, { limit: holdersMax });
      return { taken, holders: holders.map(({ owner, endsAt }) => ({ owner, remainingMs: endsAt - nowMs })) };
    } catch (error) {
      throw unavailable([resource], error);
    }
  }

  protected override source(resource: string): LeaseSource {
    return new PermitSource(this.#redis, resource, this.#limit, this.#settings.keepFenceMs, this.#lines);
  }
}

/** Permits of one resource. */
class PermitSource implements LeaseSource {
  readonly resources: readonly string[];
  readonly ownerPerTry: boolean = false;
  readonly #redis: RedisPort;
  readonly #keys: SemaphoreKeys;
  readonly #limit: number;
  readonly #keepFenceMs: number;
  readonly #lines: WaitingLines;

  constructor(redis: RedisPort, resource: string, limit: number, keepFenceMs: number, lines: WaitingLines) {
    this.resources = [resource];
    this.#redis = redis;
    this.#keys = semaphoreKeys(resource);
    this.#limit = limit;
    this.#keepFenceMs = keepFenceMs;
    this.#lines = lines;
  }

  get crowded(): boolean {
    return this.#lines.find(this.#keys.permits)?.empty === false;
  }

  line(): WaitingLine {
    const channel = prefixed(this.#redis.traits.prefix, this.#keys.permits);
    return this.#lines.open(this.#keys.permits, {
      subscribe: (listener) => this.#redis.subscribe(channel, listener),
      tries: "first",
      shared: true,
    });
  }

  async take({ owner, leaseMs, signal, timeoutMs }: TakeRequest): Promise<Taking> {
    const args = { owner, limit: this.#limit, leaseMs, fenceMs: leaseMs + this.#keepFenceMs };
    const reply = await this.#ask(() => run(this.#redis, acquirePermit, this.#keys, args, { signal, timeout: timeoutMs }));
    if (reply.outcome === "granted") return { granted: true, token: reply.token };
    const { retryInMs } = reply;
    return {
      granted: false,
      owner: reply.owner,
      retryInMs,
      nodes: [{ node: 0, outcome: "held", owner: reply.owner, retryInMs }],
    };
  }

  extend({ owner, token }: Holder, leaseMs: number, timeoutMs: number): Promise<boolean> {
    const args = { owner, token, leaseMs, fenceMs: leaseMs + this.#keepFenceMs };
    return this.#ask(() => run(this.#redis, extendPermit, this.#keys, args, { timeout: timeoutMs }));
  }

  give(owner: string, timeoutMs: number | undefined): Promise<boolean> {
    const { permits } = this.#keys;
    return this.#ask(() => run(this.#redis, releasePermit, { permits }, { owner }, { timeout: timeoutMs }));
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw unavailable(this.resources, error);
    }
  }
}
