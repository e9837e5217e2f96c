import { randomUUID } from "node:crypto";
import { channel } from "node:diagnostics_channel";
import { type BreakerEvents, CircuitBreaker, type CircuitBreakerOptions } from "redlua/breaker";
import { connect, type RedisPort } from "redlua/client";
import type { ScriptEvent } from "redlua/script";
import { type RedisCluster, type RedisServer, startCluster, startRedis } from "redlua/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished } from "vitest";

/**
 * When every test begins, in milliseconds since 1970.
 *
 * @public
 */
export const noon = 1_700_000_000_000;

/**
 * What is called in vain, and what it throws.
 *
 * @public
 */
export const boom: Error = new Error("boom");

/** @public */
export function fail(): never {
  throw boom;
}

/**
 * What a test of breakers works with. Name and clock are its own.
 *
 * @public
 */
export class Bench {
  readonly #open: () => Promise<RedisPort>;
  #redis: RedisPort | undefined;
  name = "";
  now: number = noon;

  constructor(open: () => Promise<RedisPort>) {
    this.#open = open;
  }

  get redis(): RedisPort {
    if (this.#redis === undefined) throw new Error("Nothing is connected yet.");
    return this.#redis;
  }

  async connect(): Promise<void> {
    this.#redis = await this.#open();
  }

  begin(): void {
    this.name = `b-${randomUUID()}`;
    this.now = noon;
  }

  /** A breaker of this test's name, closed when the test is over. The machine may be slow, so Redis may be too. */
  breaker(options: CircuitBreakerOptions = {}, port: RedisPort = this.redis): CircuitBreaker {
    const usual = { minimumCalls: 4, patience: "5s", now: () => this.now } as const;
    const breaker = new CircuitBreaker(port, this.name, { ...usual, ...options });
    onTestFinished(() => breaker.close());
    return breaker;
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.now += ms;
  }

  async keys(): Promise<readonly string[]> {
    const found = await this.redis.broadcast(["KEYS", `*{${this.name}}*`], { resend: "ok" });
    return (found.flat() as string[]).sort();
  }

  async expectEveryKeyToExpire(atLeast = 1): Promise<void> {
    const found = await this.keys();
    expect(found.length).toBeGreaterThanOrEqual(atLeast);
    const lives = await Promise.all(found.map((key) => this.redis.send(["PTTL", key], { key, resend: "ok" })));
    expect(lives.filter((ms) => Number(ms) <= 0)).toEqual([]);
  }
}

/**
 * Makes calls that fail, and hands them in.
 *
 * @public
 */
export async function failing(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await expect(breaker.execute(fail)).rejects.toBe(boom);
  await breaker.flush();
}

/**
 * Describes what breakers do, on every kind of Redis.
 *
 * @public
 */
export function describeBreakers(tests: (bench: Bench) => void): void {
  const servers: { single?: RedisServer; cluster?: RedisCluster } = {};
  beforeAll(async () => {
    [servers.single, servers.cluster] = await Promise.all([startRedis({ tcp: true }), startCluster()]);
  });
  afterAll(async () => {
    await Promise.all([servers.single?.stop(), servers.cluster?.stop()]);
  });

  const kinds: Readonly<Record<string, () => Promise<RedisPort>>> = {
    ioredis: () => connect(servers.single?.url ?? "", { client: "ioredis", prefix: "shop" }),
    "node-redis": () => connect(servers.single?.url ?? "", { client: "node-redis" }),
    "a cluster": () => connect(servers.cluster?.url ?? "", { client: "ioredis" }),
  };
  describe.each(Object.entries(kinds))("%s", (_, open) => {
    const bench = new Bench(open);
    beforeAll(() => bench.connect());
    afterAll(() => bench.redis.close());
    beforeEach(() => bench.begin());
    tests(bench);
  });
}

/**
 * The next event of a breaker.
 *
 * @public
 */
export function next<Name extends keyof BreakerEvents>(breaker: CircuitBreaker, name: Name): Promise<BreakerEvents[Name]> {
  return new Promise((resolve) => {
    const off = breaker.on(name, (event) => {
      off();
      resolve(event);
    });
  });
}

/**
 * The names of the scripts that run while something is done.
 *
 * @public
 */
export async function scriptsDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const ran: string[] = [];
  const hear = (event: unknown): void => void ran.push((event as ScriptEvent).script);
  channel("redlua:script:run").subscribe(hear);
  try {
    await work();
  } finally {
    channel("redlua:script:run").unsubscribe(hear);
  }
  return ran;
}

/**
 * Resolves when a script has run so many times.
 *
 * @public
 */
export function scriptRan(script: string, times: number): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const hear = (event: unknown): void => {
      if ((event as ScriptEvent).script !== script || ++count < times) return;
      channel("redlua:script:run").unsubscribe(hear);
      resolve();
    };
    channel("redlua:script:run").subscribe(hear);
  });
}
