import type { RedisPort } from "../client/index.ts";
import { boolean, duration, InvalidInputError, readOptions, show, withDefault } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { hashTag, prefixed, run } from "../script/index.ts";
import { Acquirer } from "./acquirer.ts";
import { lockKeys, revokedChannel } from "./keys.ts";
import { type LeaseOptions, leaseFields, leaseSettings } from "./lease-options.ts";
import type { LeaseSource } from "./lease-source.ts";
import { readResources } from "./lock.ts";
import { ask, majorityOf } from "./majority.ts";
import { NodeIdentities } from "./node-identities.ts";
import { RedlockSource, type RedlockSourceSettings } from "./redlock-source.ts";
import { type RedlockState, readMajority } from "./redlock-state.ts";
import { forceRelease } from "./scripts.gen.ts";
import { tooFew } from "./unavailable.ts";
import { WaitingLines } from "./waiting-line.ts";

/** Options of a {@link Redlock}. */
export interface RedlockOptions extends LeaseOptions {
  /**
   * Fencing tokens that grow, at the price of a second round trip. Without it `held.token` is 0, which `writeFenced` refuses.
   * The servers must store every write before they answer (`appendfsync always`), or stay away after a crash for as long as the
   * longest lease. @default true
   */
  readonly fencing?: boolean;
  /** How long one server may take to answer before it counts as away. @default a twentieth of the lease, from 50 ms to 1 s */
  readonly nodeTimeout?: LeaseOptions["lease"];
}

/**
 * Leases on a majority of independent Redis servers (not replicas of each other): some of them may be away, or lose what they knew.
 *
 * Use an odd number of servers, three or five: a fourth makes nothing safer. Source of the algorithm: S. Sanfilippo, "Distributed
 * Locks with Redis" (Redlock); the second phase, which makes tokens grow, is the write-back of H. Attiya, A. Bar-Noy, D. Dolev,
 * "Sharing Memory Robustly in Message-Passing Systems", 1995.
 *
 * @throws {InvalidInputError} if there are less than three servers, one is given twice, or an option is unknown or unusable
 * @example
 * const redlock = new Redlock([redisA, redisB, redisC], { lease: "10s" });
 * await using held = await redlock.acquire("invoice:42");
 */
export class Redlock extends Acquirer<string | readonly string[]> {
  readonly #settings: RedlockSourceSettings;

  constructor(nodes: readonly RedisPort[], options?: RedlockOptions) {
    if (!Array.isArray(nodes) || nodes.length < 3 || new Set(nodes).size < nodes.length) {
      const message = "A Redlock takes at least three connections to different servers. For one server, use Lock.";
      throw new InvalidInputError("INPUT_INVALID", "Redlock.nodes", message);
    }
    for (const node of nodes) checkPort("Redlock", node);
    const { fencing, nodeTimeout, ...read } = readOptions("Redlock", options, {
      ...leaseFields,
      fencing: withDefault(boolean(), true),
      nodeTimeout: duration({ min: 1, max: 60_000 }),
    });
    const settings = leaseSettings(read);
    super("Redlock", settings);
    const nodeTimeoutMs = (leaseMs: number): number => nodeTimeout ?? Math.min(1_000, Math.max(50, Math.ceil(leaseMs / 20)));
    const identities = new NodeIdentities(nodes, nodeTimeoutMs(settings.leaseMs));
    this.#settings = {
      nodes: [...nodes],
      lines: new WaitingLines(),
      keepFenceMs: settings.keepFenceMs,
      fencing,
      nodeTimeoutMs,
      checkNodes: () => identities.check(),
    };
  }

  /**
   * Takes a resource away from whoever holds it, on every server that answers. Answers whether a majority had something to take.
   *
   * @throws {LockUnavailableError} less than a majority answered
   */
  async forceRelease(resource: string): Promise<boolean> {
    const { nodes, keepFenceMs, nodeTimeoutMs } = this.#settings;
    const { lease, fence } = lockKeys(resource);
    const poll = await ask(nodes, async (redis, node) => {
      const args = { channel: prefixed(redis.traits.prefix, revokedChannel), fenceMs: keepFenceMs };
      const reply = await run(redis, forceRelease, { lease, fence }, args, { timeout: nodeTimeoutMs(1_000) });
      return reply.outcome === "forced" ? { node, outcome: "granted" } : { node, outcome: "held", owner: "", retryInMs: 0 };
    });
    const majority = majorityOf(nodes.length);
    if (poll.failed > nodes.length - majority) throw tooFew([resource], poll.outcomes, majority, nodes.length);
    return poll.won;
  }

  /**
   * Looks at a resource without touching it, on every server.
   *
   * @throws {LockUnavailableError} less than a majority answered
   */
  async inspect(resource: string): Promise<RedlockState> {
    const { nodes, nodeTimeoutMs } = this.#settings;
    return await readMajority(nodes, resource, nodeTimeoutMs(1_000));
  }

  protected override source(resource: string | readonly string[]): LeaseSource {
    const resources = typeof resource === "string" ? [resource] : readResources(resource);
    const keys = resources.map(lockKeys);
    const other = keys.findIndex(({ lease }) => hashTag(lease) !== hashTag(keys[0]?.lease ?? ""));
    if (other === -1) return new RedlockSource(this.#settings, resources, keys);
    throw new InvalidInputError(
      "INPUT_INVALID",
      "resource",
      `A Redlock takes several resources only if they share a hash tag: ${show(resources[0])} and ${show(resources[other])} do not. ` +
        'Name them "{order:7}:items" and "{order:7}:total".',
    );
  }
}
