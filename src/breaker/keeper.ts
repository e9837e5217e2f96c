import { randomUUID } from "node:crypto";
import { Coalescer, type Emitter } from "../core/index.ts";
import { type Era, eraOf } from "./era.ts";
import { announce, type BreakerEvents } from "./events.ts";
import { LocalRules } from "./local-rules.ts";
import type { Settings } from "./options.ts";
import type { SharedRules, SharedView } from "./shared-rules.ts";
import type { Permits, ProbeOutcome, Standing, StateName } from "./state.ts";
import { Tally } from "./tally.ts";
import { Watch } from "./watch.ts";

/** Whether a call may be made. */
export type Admission =
  | { readonly kind: "passed"; readonly era: Era }
  | { readonly kind: "probe"; readonly era: Era; readonly id: string }
  | { readonly kind: "refused"; readonly retryInMs: number };

/** When a question was sent, and how it stood then. */
interface Sent {
  readonly era: Era;
  readonly at: number;
}

/** After one failure was handed in at once, the next waits so long, so that those of a storm go together. */
const hurryMs = 20;
/** Timers fire a little too early: whoever waited as long as it was told to waits this much more, and is not refused again. */
const earlyMs = 2;
/** So many callers ask for permits in one call. */
const permitsMax = 100;

/**
 * Knows how a breaker stands, without asking when it is closed.
 *
 * Calls that end are counted here and handed in now and then; the answer says how the breaker stands. Messages tell of what other
 * processes caused. Only when a call needs a permit is Redis asked before it is made. When Redis does not answer, the local rules
 * go on from where it stood.
 */
export class Keeper {
  /** How it stands now. */
  era: Era;
  readonly #name: string;
  readonly #settings: Settings;
  readonly #events: Emitter<BreakerEvents>;
  readonly #now: () => number;
  readonly #local: LocalRules;
  readonly #shared: SharedRules | undefined;
  readonly #watch: Watch | undefined;
  readonly #tally: Tally;
  readonly #permits: Coalescer<string, Admission>;
  /** Probes whose end Redis has not heard of. */
  readonly #unsettled = new Map<string, { readonly generation: number | undefined; readonly outcome: ProbeOutcome }>();
  #known: boolean;
  #degraded = false;
  #closed = false;
  #used = false;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #sending: Promise<void> | undefined;
  #sentAt = -Infinity;
  #heardAt = -Infinity;
  #triedAt = -Infinity;

  constructor(name: string, settings: Settings, events: Emitter<BreakerEvents>, shared: SharedRules | undefined) {
    this.#name = name;
    this.#settings = settings;
    this.#events = events;
    this.#shared = shared;
    this.#now = settings.now ?? (() => Math.floor(performance.now()));
    this.#local = new LocalRules(settings, this.#now);
    this.#tally = new Tally(settings.bucketMs, settings.buckets);
    this.#permits = new Coalescer((ids: readonly string[]) => this.#ask(ids), { items: permitsMax });
    this.#known = shared === undefined;
    // Nothing is known yet, so nothing passes before Redis was asked.
    const era = eraOf(this.#local.standing(), 0);
    this.era = this.#known ? era : { ...era, generation: -1, passes: false, counts: false };
    if (shared === undefined) return;
    this.#watch = new Watch(shared, {
      heard: (standing) => this.#heardOf(standing),
      missed: () => void this.sync(),
    });
  }

  /** This process decides alone. */
  get isLocal(): boolean {
    return this.#shared === undefined || this.#degraded || this.#closed;
  }

  get local(): LocalRules {
    return this.#local;
  }

  /** Says that the breaker is in use, so that it is kept up to date. */
  touch(): void {
    this.#used = true;
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setInterval(() => this.#tick(), this.#settings.flushEveryMs);
    this.#timer.unref();
  }

  /** Counts a call that began in an era, unless that is over. */
  record(era: Era, failed: boolean, slow: boolean): void {
    if (era !== this.era || !era.counts) return;
    this.#tally.add(failed, slow);
    if (failed || slow) this.#hurry();
  }

  /** Whether a call may be made now. Asks Redis only if the open time is over, or nothing is known yet. */
  async admit(): Promise<Admission> {
    this.touch();
    if (!this.#known) await this.sync();
    return this.#verdict() ?? (await this.#permits.submit(randomUUID()));
  }

  /** Hands a permit back, with what the probe showed. Never rejects. */
  async settle(id: string, era: Era, outcome: ProbeOutcome): Promise<void> {
    if (this.#shared === undefined || this.isLocal) {
      this.#adopt(this.#local.settle(id, era.generation, outcome));
      if (this.#degraded) this.#keepUnsettled(id, era.generation, outcome);
      if (this.era.state === "closed") this.#tally.forget();
      return;
    }
    const sent = this.#stamp();
    try {
      this.#heard(await this.#shared.settle(id, era.generation, outcome), sent);
    } catch (error) {
      this.#keepUnsettled(id, era.generation, outcome);
      this.#degrade(error);
    }
  }

  /** @param generation `undefined` if Redis may have handed the permit out, in a generation of which this process has not heard */
  #keepUnsettled(id: string, generation: number | undefined, outcome: ProbeOutcome): void {
    const known = this.#unsettled.get(id);
    if (known !== undefined) this.#unsettled.set(id, { ...known, outcome });
    else if (this.#unsettled.size < this.#settings.probes) this.#unsettled.set(id, { generation, outcome });
  }

  /** Holds it in a state, or closes it. */
  async force(state: StateName, leftMs: number): Promise<void> {
    if (this.#shared === undefined) {
      this.#adopt(this.#local.force(state, leftMs));
      return;
    }
    const sent = this.#stamp();
    const standing = await this.#shared.force(randomUUID(), state, leftMs);
    if (this.#degraded) await this.sync();
    else this.#heard(standing, sent);
  }

  /** Asks Redis how it stands. Never rejects: when Redis does not answer, the local rules go on. */
  sync(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Hands in all that was counted. Never rejects. */
  async flush(): Promise<void> {
    if (!this.#known) await this.sync();
    // One report may be under way; the next has all that was counted until now. What is counted meanwhile can wait.
    for (let turn = 0; turn < 2 && !this.isLocal && !this.#tally.isEmpty; turn++) await this.#send();
    if (this.isLocal) this.#decideAlone();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    if (this.#known) await this.flush();
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await this.#watch?.close();
  }

  #tick(): void {
    const { pollEveryMs } = this.#settings;
    const isIdle = !this.#used && this.#tally.isEmpty;
    this.#used = false;
    if (isIdle) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (this.isLocal) this.#decideAlone();
    if (this.#shared === undefined) return;
    const isQuiet = performance.now() - (this.#degraded ? this.#triedAt : this.#heardAt) >= pollEveryMs;
    if (!this.#degraded && !this.#tally.isEmpty) void this.#send();
    else if (isQuiet) void this.sync();
  }

  #hurry(): void {
    if (this.isLocal) this.#decideAlone();
    else this.#sendSoon();
  }

  #sendSoon(): void {
    if (this.#soon !== undefined) return;
    const waitMs = this.#sentAt + hurryMs - performance.now();
    this.#soon = setTimeout(
      () => {
        this.#soon = undefined;
        void this.#send();
      },
      Math.max(0, waitMs),
    );
    this.#soon.unref();
  }

  /** What can be said without asking; `undefined` if only the rules can say. */
  #verdict(): Admission | undefined {
    const { era } = this;
    if (era.passes) return { kind: "passed", era };
    const waitMs = Math.ceil(era.refusesUntil - this.#now());
    return waitMs > earlyMs ? { kind: "refused", retryInMs: waitMs } : undefined;
  }

  /** Asks the rules for permits, for all who wait. */
  async #ask(ids: readonly string[]): Promise<readonly Admission[]> {
    // While these waited, others may have learned how it stands.
    const known = this.#verdict();
    if (known !== undefined) return ids.map(() => known);
    let permits = await this.#acquire(ids);
    if (permits.standing.state === "open" && permits.standing.leftMs <= earlyMs) {
      await new Promise((done) => setTimeout(done, earlyMs));
      permits = await this.#acquire(ids);
    }
    const { standing, granted, retryInMs } = permits;
    const { era } = this;
    const isCurrent = standing.state === "half-open" && era.state === "half-open" && standing.generation === era.generation;
    if (isCurrent && granted.includes(false)) {
      // Nobody asks again before a permit can be free, unless a message says that one is.
      era.refusesUntil = this.#now() + Math.min(retryInMs, this.#settings.pollEveryMs);
    }
    return ids.map((id, index): Admission => {
      if (isCurrent && granted[index]) return { kind: "probe", era, id };
      return this.#verdict() ?? { kind: "refused", retryInMs: Math.max(1, retryInMs) };
    });
  }

  async #acquire(ids: readonly string[]): Promise<Permits> {
    if (this.#shared !== undefined && !this.isLocal) {
      const sent = this.#stamp();
      try {
        const permits = await this.#shared.acquire(ids);
        this.#heard(permits.standing, sent);
        return permits;
      } catch (error) {
        for (const id of ids) this.#keepUnsettled(id, undefined, "ignored");
        this.#degrade(error);
      }
    }
    const permits = this.#local.acquire(ids);
    this.#adopt(permits.standing);
    return permits;
  }

  async #read(): Promise<void> {
    if (this.#shared === undefined || this.#closed) {
      this.#adopt(this.#local.standing());
      return;
    }
    this.#triedAt = performance.now();
    const sent = this.#stamp();
    try {
      const view = await this.#shared.read();
      this.#tally.heard(view.nowMs);
      if (this.#degraded) await this.#restore(view);
      else this.#heard(view.standing, sent);
      const { underWay, passed, failed } = view.probes;
      // The message that a permit is free again may have been missed.
      if (this.era.state === "half-open" && underWay + passed + failed < this.#settings.probes) this.era.refusesUntil = 0;
      this.#watch?.listen();
    } catch (error) {
      this.#degrade(error);
    }
  }

  /** Sends one report: the one that was not answered, or what was counted since. */
  #send(): Promise<void> {
    this.#sending ??= this.#report().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #report(): Promise<void> {
    if (this.#shared === undefined || this.isLocal) return;
    const report = this.#tally.next(this.era.generation, this.#now(), (counts) => this.#local.count(counts));
    if (report === undefined) return;
    this.#sentAt = performance.now();
    const sent = this.#stamp();
    try {
      const { nowMs, ...standing } = await this.#shared.report(report);
      this.#tally.answered();
      this.#tally.heard(nowMs);
      this.#heard(standing, sent);
    } catch (error) {
      this.#degrade(error);
    }
  }

  /** The local rules count, and conclude. */
  #decideAlone(): void {
    const counts = this.#tally.take();
    if (counts !== undefined && this.#degraded) this.#tally.keep(counts, this.#now());
    this.#adopt(counts === undefined ? this.#local.standing() : this.#local.report(counts));
  }

  #degrade(error: unknown): void {
    if (this.#degraded || this.#closed) return;
    this.#degraded = true;
    this.#adopt(this.#local.standing());
    this.#events.emit("degraded", { breaker: this.#name, error });
  }

  /** Redis is back: what it says holds, and it is told what it missed. */
  async #restore(view: SharedView): Promise<void> {
    const shared = this.#shared as SharedRules;
    this.#degraded = false;
    this.#adopt(view.standing);
    this.#heardAt = performance.now();
    this.#events.emit("restored", { breaker: this.#name });
    for (const [id, { generation, outcome }] of this.#unsettled) {
      const sent = this.#stamp();
      this.#heard(await shared.settle(id, generation ?? view.standing.generation, outcome), sent);
      this.#unsettled.delete(id);
    }
    // First the report whose reply was lost, which has its number; then what was counted since, all in one.
    await this.#send();
    if (this.#degraded) return;
    this.#tally.kept(this.era.generation, this.#now());
    await this.#send();
  }

  /** A message came. One that is older than what is known changes nothing. */
  #heardOf(standing: Standing): void {
    const { generation, state } = standing;
    if (this.#degraded) void this.sync();
    else if (generation > this.era.generation) this.#adopt(standing);
    else if (generation === this.era.generation && state === "half-open") this.era.refusesUntil = 0;
  }

  #stamp(): Sent {
    return { era: this.era, at: this.#now() };
  }

  /** A reply came. If another era has begun since the call was sent, the reply may be older than it. */
  #heard(standing: Standing, sent: Sent): void {
    this.#heardAt = performance.now();
    if (this.#degraded) return;
    if (standing.generation < this.era.generation && this.era !== sent.era) return;
    this.#adopt(standing, sent.at);
  }

  /** @param at when it stood so: at the latest when the question was asked, so that no time is waited for twice */
  #adopt(standing: Standing, at: number = this.#now()): void {
    const before = this.era;
    const isNews = standing.generation !== before.generation || standing.state !== before.state;
    const next = eraOf(standing, at);
    this.#known = true;
    if (!isNews) {
      before.endsAt = next.endsAt;
      if (standing.state !== "half-open") before.refusesUntil = next.refusesUntil;
      return;
    }
    this.era = next;
    // What was counted in the era that is over would be refused as late.
    this.#tally.take();
    const leftMs = Math.max(0, next.endsAt - this.#now());
    if (!this.isLocal) this.#local.follow({ ...standing, leftMs });
    if (before.state !== standing.state) announce(this.#events, this.#name, next, leftMs);
  }
}
