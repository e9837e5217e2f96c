import type { RedisPort, Unsubscribe } from "../client/index.ts";
import type { Off } from "../core/index.ts";
import { prefixed, type RunOptions, run } from "../script/index.ts";
import { LockUnavailableError } from "./errors.ts";
import type { LockKeys } from "./keys.ts";
import type { Denial, Holder, LeaseSource, TakeRequest, Taking } from "./lease-source.ts";
import { watchRevocation } from "./revocations.ts";
import { acquire, acquireInTurn, extend, leave, release, releaseInTurn } from "./scripts.gen.ts";
import { lostAtOnce, unavailable } from "./unavailable.ts";
import type { LineOptions, WaitingLine, WaitingLines } from "./waiting-line.ts";

/** Resources that share a slot: one script takes them all. */
export interface Group {
  readonly keys: readonly LockKeys[];
  /** Lease and fence of each, by turns. */
  readonly pairs: readonly string[];
  readonly leases: readonly string[];
}

/** How a lock takes leases from its server. */
export interface LockSourceSettings {
  readonly redis: RedisPort;
  readonly lines: WaitingLines;
  readonly keepFenceMs: number;
  readonly fair: boolean;
  readonly replicas: number;
  readonly replicaTimeoutMs: number;
}

/** A place in line lasts so long if its owner does not ask again; waiting callers ask every second. */
const ticketMs = 3_000;

/** Leases of one resource, or of several at once, on one server or cluster. */
export class LockSource implements LeaseSource {
  readonly resources: readonly string[];
  readonly #settings: LockSourceSettings;
  readonly #groups: readonly Group[];

  /** @param groups in the order in which everybody takes them, so that two who want the same never hold half each for long */
  constructor(settings: LockSourceSettings, resources: readonly string[], groups: readonly Group[]) {
    this.#settings = settings;
    this.resources = resources;
    this.#groups = groups;
  }

  get ownerPerTry(): boolean {
    // A place in a fair line belongs to its owner.
    return this.#groups.length > 1 || (this.#settings.replicas > 0 && !this.#settings.fair);
  }

  get crowded(): boolean {
    // Who stands in a fair line has a place of its own in Redis.
    return !this.#settings.fair && this.#settings.lines.find(this.#name)?.empty === false;
  }

  line(): WaitingLine {
    const { redis, fair, lines } = this.#settings;
    const channels = this.#groups.flatMap(({ leases }) => leases.map((lease) => prefixed(redis.traits.prefix, lease)));
    const subscribe: LineOptions["subscribe"] = async (listener) => {
      const asked = await Promise.allSettled(channels.map((channel) => redis.subscribe(channel, listener)));
      const all = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      const unsubscribe = async (): Promise<void> => void (await Promise.all(all.map((each: Unsubscribe) => each())));
      const failed = asked.find((each) => each.status === "rejected");
      if (failed === undefined) return unsubscribe;
      // All or none: what is heard of some would be listened to for ever.
      await unsubscribe();
      throw failed.reason;
    };
    return lines.open(this.#name, { subscribe, tries: fair ? "all" : "first" });
  }

  take(request: TakeRequest): Promise<Taking> {
    const { fair, replicas } = this.#settings;
    // Not async, and not through the other: what nearly every call comes to would have a promise more.
    if (this.#groups.length === 1 && !fair && replicas === 0) return this.#takeGroup(this.#groups[0] as Group, 0n, request);
    return this.#takeSurely(request);
  }

  /** Takes a place in line, or several groups, or waits for replicas; and gives back what it has if one of them fails. */
  async #takeSurely(request: TakeRequest): Promise<Taking> {
    const { fair, replicas } = this.#settings;
    try {
      const taking = await (fair ? this.#takeInTurn(request) : this.#takeAll(request));
      if (taking.granted && replicas > 0) await this.#confirm(request);
      return taking;
    } catch (error) {
      // The next try has another owner, to which what this one may have taken would be held by a stranger.
      if (this.ownerPerTry) void this.#undo(this.#groups, request.owner);
      throw unavailable(this.resources, error);
    }
  }

  async extend({ owner, token }: Holder, leaseMs: number, timeoutMs: number): Promise<boolean> {
    const args = { owner, leaseMs, fenceMs: leaseMs + this.#settings.keepFenceMs, token };
    return await this.#each(this.#groups, ({ pairs }) =>
      run(this.#settings.redis, extend, { key: pairs }, args, { timeout: timeoutMs }),
    );
  }

  give(owner: string, timeoutMs: number | undefined): Promise<boolean> {
    return this.#give(this.#groups, owner, { timeout: timeoutMs });
  }

  async leave(owner: string): Promise<void> {
    if (!this.#settings.fair) return;
    const { lease, queue, tickets } = this.#only;
    // What cannot be said is not needed: a place in line lapses by itself.
    await run(this.#settings.redis, leave, { lease, queue, tickets }, { owner }).catch(() => {});
  }

  watch(owner: string, revoked: () => void): Off {
    return watchRevocation(this.#settings.redis, owner, revoked);
  }

  get #name(): string {
    return this.resources.length === 1 ? (this.resources[0] as string) : JSON.stringify(this.resources);
  }

  /** The keys of the only resource of a fair lock. */
  get #only(): LockKeys {
    return (this.#groups[0] as Group).keys[0] as LockKeys;
  }

  async #takeInTurn({ owner, leaseMs, waits, signal, timeoutMs }: TakeRequest): Promise<Taking> {
    const { redis, keepFenceMs } = this.#settings;
    const args = { owner, leaseMs, fenceMs: leaseMs + keepFenceMs, ticketMs: waits ? ticketMs : 0 };
    const { lease, fence, queue, tickets } = this.#only;
    const reply = await run(redis, acquireInTurn, { lease, fence, queue, tickets }, args, { signal, timeout: timeoutMs });
    return reply.outcome === "granted" ? { granted: true, token: reply.token } : denial(reply.owner, reply.retryInMs);
  }

  /** One group is one script, all or nothing. */
  async #takeGroup({ pairs }: Group, floor: bigint, { owner, leaseMs, signal, timeoutMs }: TakeRequest): Promise<Taking> {
    const { redis, keepFenceMs } = this.#settings;
    const args = { owner, leaseMs, fenceMs: leaseMs + keepFenceMs, floor };
    try {
      const reply = await run(redis, acquire, { key: pairs }, args, { signal, timeout: timeoutMs });
      return reply.outcome === "granted" ? { granted: true, token: reply.token } : denial(reply.owner, reply.retryInMs);
    } catch (error) {
      throw unavailable(this.resources, error);
    }
  }

  /** Several groups are taken one after the other. What was taken is given back at the first refusal. */
  async #takeAll(request: TakeRequest): Promise<Taking> {
    const { owner, leaseMs, timeoutMs } = request;
    let token = 0n;
    for (const [index, group] of this.#groups.entries()) {
      const taking = await this.#takeGroup(group, token, request);
      if (!taking.granted) {
        await this.#undo(this.#groups.slice(0, index), owner);
        return taking;
      }
      token = taking.token;
    }
    if (this.#groups.length === 1) return { granted: true, token };
    // The last token is the largest. Once the other fences know it, it is newer than all before it and older than all after it.
    if (await this.extend({ owner, token }, leaseMs, timeoutMs ?? leaseMs)) return { granted: true, token };
    await this.#undo(this.#groups, owner);
    throw lostAtOnce(this.resources, []);
  }

  /** Waits until replicas have what was taken. Gives it back if they do not in time. */
  async #confirm({ owner, leaseMs }: TakeRequest): Promise<void> {
    const { redis, replicas, replicaTimeoutMs, keepFenceMs } = this.#settings;
    for (const { keys } of this.#groups) {
      const fence = prefixed(redis.traits.prefix, (keys[0] as LockKeys).fence);
      // WAIT counts from the last write of its own connection, which may be a new one: so a write goes right before it.
      const commands = [
        ["PEXPIRE", fence, String(leaseMs + keepFenceMs)],
        ["WAIT", String(replicas), String(replicaTimeoutMs)],
      ];
      const [touched, confirmed] = await redis.batch(commands, { key: fence, resend: "never" });
      if (touched === 1 && typeof confirmed === "number" && confirmed >= replicas) continue;
      await this.#undo(this.#groups, owner);
      const reason =
        confirmed instanceof Error ? confirmed.message : `${confirmed} of ${replicas} replicas confirmed it in time.`;
      throw new LockUnavailableError(reason, { resources: this.resources, nodes: [], applied: "no", temporary: true });
    }
  }

  async #undo(groups: readonly Group[], owner: string): Promise<void> {
    await this.#give(groups, owner, {}).catch(() => {});
  }

  #give(groups: readonly Group[], owner: string, options: RunOptions): Promise<boolean> {
    const { redis, fair } = this.#settings;
    return this.#each(groups, ({ keys, leases }) => {
      const { lease, queue } = keys[0] as LockKeys;
      return fair
        ? run(redis, releaseInTurn, { lease, queue }, { owner }, options)
        : run(redis, release, { lease: leases }, { owner }, options);
    });
  }

  /** Whether a call answers yes for each group. All are made, whatever becomes of one. */
  async #each(groups: readonly Group[], call: (group: Group) => Promise<boolean>): Promise<boolean> {
    try {
      if (groups.length === 1) return await call(groups[0] as Group);
      const answers = await Promise.allSettled(groups.map(call));
      const failed = answers.find((answer) => answer.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return answers.every((answer) => answer.status === "fulfilled" && answer.value);
    } catch (error) {
      throw unavailable(this.resources, error);
    }
  }
}

function denial(owner: string, retryInMs: number): Denial {
  return {
    granted: false,
    owner,
    retryInMs,
    nodes: [{ node: 0, outcome: "held", owner, retryInMs }],
  };
}
