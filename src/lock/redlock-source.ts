import type { RedisPort } from "../client/index.ts";
import type { Off } from "../core/index.ts";
import { run } from "../script/index.ts";
import type { NodeOutcome } from "./errors.ts";
import type { LockKeys } from "./keys.ts";
import type { Denial, Holder, LeaseSource, TakeRequest, Taking } from "./lease-source.ts";
import { ask, majorityOf, type Poll } from "./majority.ts";
import { watchRevocation } from "./revocations.ts";
import { acquire, extend, release } from "./scripts.gen.ts";
import { lostAtOnce, tooFew } from "./unavailable.ts";
import type { WaitingLine, WaitingLines } from "./waiting-line.ts";

/** How a Redlock takes leases from its servers. */
export interface RedlockSourceSettings {
  readonly nodes: readonly RedisPort[];
  readonly lines: WaitingLines;
  readonly keepFenceMs: number;
  readonly fencing: boolean;
  /** How long one server may take to answer. */
  readonly nodeTimeoutMs: (leaseMs: number) => number;
  /** Refuses servers that are the same one under two names, as soon as they can be asked. */
  readonly checkNodes: () => Promise<void>;
}

/** Leases of one resource, or of several of one hash tag, on a majority of independent servers. */
export class RedlockSource implements LeaseSource {
  readonly resources: readonly string[];
  readonly ownerPerTry: boolean = true;
  readonly #settings: RedlockSourceSettings;
  readonly #pairs: readonly string[];
  readonly #leases: readonly string[];
  /** What an owner asked of each server: nothing is released that may still be granted later. */
  readonly #asked = new Map<string, Promise<unknown>[]>();
  /** Servers that have forgotten the lease. */
  readonly #gone = new Set<number>();

  constructor(settings: RedlockSourceSettings, resources: readonly string[], keys: readonly LockKeys[]) {
    this.#settings = settings;
    this.resources = resources;
    this.#pairs = keys.flatMap(({ lease, fence }) => [lease, fence]);
    this.#leases = keys.map(({ lease }) => lease);
  }

  get crowded(): boolean {
    return this.#settings.lines.find(this.#name)?.empty === false;
  }

  line(): WaitingLine {
    // Servers that are away cannot be listened to, so waiting callers look by themselves, spread over time.
    return this.#settings.lines.open(this.#name, { tries: "first" });
  }

  async take(request: TakeRequest): Promise<Taking> {
    await this.#settings.checkNodes();
    const { fencing } = this.#settings;
    const tokens: bigint[] = [];
    const first = await this.#takeEverywhere(request, tokens);
    if (!first.won) {
      await this.#undo(request.owner);
      return this.#refusal(first);
    }
    const token = tokens.reduce(maxOf, 0n);
    if (!fencing) return { granted: true, token: 0n };
    // The largest token of a majority is not enough: the next majority may share only a server that gave a smaller one. So a
    // majority is made to remember it. Whoever comes next meets one of these servers and is given a larger token there.
    const raised = await this.#extendEverywhere({ owner: request.owner, token }, request.leaseMs, request.leaseMs);
    if (raised.won) return { granted: true, token };
    await this.#undo(request.owner);
    if (raised.failed > this.#settings.nodes.length - this.#majority) throw this.#tooFew(raised.outcomes);
    throw lostAtOnce(this.resources, raised.outcomes);
  }

  async extend(holder: Holder, leaseMs: number, timeoutMs: number): Promise<boolean> {
    const { won, outcomes } = await this.#extendEverywhere(holder, leaseMs, timeoutMs);
    if (won) this.#restore(holder, leaseMs);
    // A server that is away may still know the lease: as long as a majority may, it is not lost.
    else if (outcomes.filter(({ outcome }) => outcome === "held").length <= this.#settings.nodes.length - this.#majority) {
      throw this.#tooFew(outcomes);
    }
    return won;
  }

  async give(owner: string, timeoutMs: number | undefined): Promise<boolean> {
    const { nodes } = this.#settings;
    const asked = this.#asked.get(owner);
    this.#asked.delete(owner);
    const { won, failed, outcomes } = await ask(nodes, async (redis, node) => {
      await asked?.[node];
      const timeout = Math.min(timeoutMs ?? 1_000, 1_000);
      const released = await run(redis, release, { lease: this.#leases }, { owner }, { timeout });
      return released ? { node, outcome: "granted" } : gone(node);
    });
    this.#settings.lines.find(this.#name)?.ring();
    if (!won && failed > nodes.length - this.#majority) throw this.#tooFew(outcomes);
    return won;
  }

  watch(owner: string, revoked: () => void): Off {
    let left = this.#majority;
    const offs = this.#settings.nodes.map((redis) =>
      watchRevocation(redis, owner, () => {
        if (--left === 0) revoked();
      }),
    );
    return () => {
      for (const off of offs) off();
    };
  }

  get #majority(): number {
    return majorityOf(this.#settings.nodes.length);
  }

  get #name(): string {
    return JSON.stringify(this.resources);
  }

  #nodeTimeoutMs(leaseMs: number): number {
    return this.#settings.nodeTimeoutMs(leaseMs);
  }

  #takeEverywhere({ owner, leaseMs, signal }: TakeRequest, tokens: bigint[]): Promise<Poll> {
    const args = { owner, leaseMs, fenceMs: leaseMs + this.#settings.keepFenceMs, floor: 0n };
    const asked: Promise<unknown>[] = [];
    this.#asked.set(owner, asked);
    return ask(this.#settings.nodes, async (redis, node) => {
      const call = run(redis, acquire, { key: this.#pairs }, args, { signal, timeout: this.#nodeTimeoutMs(leaseMs) });
      asked[node] = call.catch(() => {});
      const reply = await call;
      if (reply.outcome === "held") return { node, outcome: "held", owner: reply.owner, retryInMs: reply.retryInMs };
      tokens.push(reply.token);
      return { node, outcome: "granted" };
    });
  }

  #extendEverywhere({ owner, token }: Holder, leaseMs: number, timeoutMs: number): Promise<Poll> {
    const args = { owner, token, leaseMs, fenceMs: leaseMs + this.#settings.keepFenceMs };
    return ask(this.#settings.nodes, async (redis, node) => {
      const timeout = Math.min(timeoutMs, this.#nodeTimeoutMs(leaseMs));
      if (await run(redis, extend, { key: this.#pairs }, args, { timeout })) return { node, outcome: "granted" };
      this.#gone.add(node);
      return gone(node);
    });
  }

  /**
   * Takes the lease anew on servers that have forgotten it, a restarted one for example. Only while a majority still has it: then
   * nobody can have held it in between. They do not count in the round that finds them.
   */
  #restore({ owner, token }: Holder, leaseMs: number): void {
    const asked = this.#asked.get(owner);
    // It was given back meanwhile: what is taken now would be given back by nobody.
    if (asked === undefined) return;
    const args = { owner, leaseMs, fenceMs: leaseMs + this.#settings.keepFenceMs, floor: token };
    for (const node of this.#gone) {
      const redis = this.#settings.nodes[node] as RedisPort;
      asked[node] = run(redis, acquire, { key: this.#pairs }, args, { timeout: this.#nodeTimeoutMs(leaseMs) }).catch(() => {});
    }
    this.#gone.clear();
  }

  #refusal({ failed, outcomes }: Poll): Denial {
    if (failed > this.#settings.nodes.length - this.#majority) throw this.#tooFew(outcomes);
    const held = outcomes.flatMap((each) => (each.outcome === "held" ? [each] : []));
    const soonest = held.sort((a, b) => a.retryInMs - b.retryInMs)[0];
    return { granted: false, owner: soonest?.owner, retryInMs: soonest?.retryInMs ?? 0, nodes: outcomes };
  }

  #tooFew(outcomes: readonly NodeOutcome[]): Error {
    return tooFew(this.resources, outcomes, this.#majority, this.#settings.nodes.length);
  }

  async #undo(owner: string): Promise<void> {
    await this.give(owner, undefined).catch(() => {});
  }
}

function maxOf(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}

function gone(node: number): NodeOutcome {
  return { node, outcome: "held", owner: "", retryInMs: 0 };
}
