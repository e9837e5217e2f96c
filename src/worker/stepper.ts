import { randomUUID } from "node:crypto";
import { type Backoff, backoff } from "../core/index.ts";
import type { Finished, JobStore, Settled, StepReply, StoredJob } from "../jobs/index.ts";
import { ScriptError } from "../script/index.ts";
import type { HeldJob, Holding, JobOutcome } from "./held-job.ts";
import type { Slots } from "./slots.ts";

/** What a stepper needs. */
export interface StepperParts {
  readonly store: JobStore;
  readonly worker: string;
  readonly leaseMs: number;
  /** Where its jobs run. */
  readonly slots: Slots;
  /** Called with each claimed job, and whether there is a slot for it: one that has none is to be put back. */
  readonly claimed: (job: StoredJob, holding: Holding, hasSlot: boolean) => void;
  /** Called when Redis has acknowledged an outcome, or refused it. */
  readonly settled: (held: HeldJob, status: Settled) => void;
  readonly onError: (error: unknown) => void;
  readonly onSuccess: () => void;
}

/** One turn: what it tells, and how much it asks for. */
interface Turn {
  readonly token: string;
  readonly finished: readonly HeldJob[];
  readonly want: number;
  /** Redis did not answer it yet. If there are other partitions, they use its slots until it does. */
  failing: boolean;
  /** Strikes this worker off the idle ones, and wakes another: it was woken and has its hands full. */
  readonly passOn: boolean;
}

/** What Redis answered a turn, and when it was asked. */
interface Answer {
  readonly reply: StepReply;
  readonly askedAt: number;
}

/** Two turns may be under way: while Redis works on one, this process runs the jobs of the other. bench/README.md */
const turnsMax = 2;
/** No turn claims or settles more: a script of 250 takes Redis about 3 ms. */
const turnSizeMax = 250;
/** No turn hands in more bytes of results, unless one has them alone: what does not arrive within its timeout is sent again, for ever. */
const turnBytesMax = 4 * 1024 * 1024;
/** An idle worker asks again after so long at most, should the message that wakes it have been lost: two round trips a minute. */
const idleMsMax = 30_000;

/**
 * Talks with Redis for a worker: in each turn it hands in what finished and takes what is next. Nothing waits on a timer:
 * a turn leaves as soon as there is something to say, and while two are under way the next one gathers.
 */
export class Stepper {
  readonly #parts: StepperParts;
  readonly #pause: Backoff = backoff({ base: "100ms", max: "2s" });
  #finished: HeldJob[] = [];
  #turns = 0;
  #turnCount = 0;
  /** No other life of a worker of this name has the same tokens: a process that hangs may have been replaced by one. */
  readonly #life = randomUUID().slice(0, 8);
  /** The last turn got less than it asked for, so Redis has nothing more until something wakes us. */
  #hungry = false;
  /** Something happened since the last turn left that asked: ask again although hungry. */
  #woken = false;
  /** Turns under way that are failing. Until Redis answers them there is no use in more. */
  #failing = 0;
  /** Redis may have this worker among the idle ones. */
  #listed = false;
  #stopping = false;
  #scheduled = false;
  #alarm: NodeJS.Timeout | undefined;
  #settledWaiters: (() => void)[] = [];
  /** It is our turn to take slots. */
  readonly #ready = (): void => this.#schedule();
  /** Ends every pause between tries at once. */
  #giveUp = new AbortController();

  constructor(parts: StepperParts) {
    this.#parts = parts;
  }

  /** Begins to claim. */
  start(): void {
    this.#stopping = false;
    this.#hungry = false;
    this.#giveUp = new AbortController();
    this.#schedule();
  }

  /** Claims no more. What a turn under way still brings is handed to `claimed`, which puts it back. */
  drain(): void {
    this.#stopping = true;
    clearTimeout(this.#alarm);
    this.#parts.slots.leave(this.#ready);
  }

  /** Something may be waiting in Redis: ask. */
  wake(): void {
    this.#woken = true;
    this.#schedule();
  }

  /** A job is over: its slot is free, and its outcome goes with the next turn. */
  finish(held: HeldJob): void {
    this.#finished.push(held);
    this.#schedule();
    this.#parts.slots.give(1);
  }

  /** A job was lost: its slot is free, and there is nothing to tell. */
  forget(): void {
    this.#schedule();
    this.#parts.slots.give(1);
  }

  /** Resolves when every outcome is acknowledged, or given up, after a last word that this worker is no longer idle. */
  async settle(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#giveUp.abort();
      for (const resolve of this.#settledWaiters.splice(0)) resolve();
    }, timeoutMs);
    try {
      this.#schedule();
      while (this.#turns > 0 || (this.#finished.length > 0 && !this.#giveUp.signal.aborted)) {
        await new Promise<void>((resolve) => this.#settledWaiters.push(resolve));
      }
      if (!this.#giveUp.signal.aborted)
        await this.#take({ token: this.#token(), finished: [], want: 0, failing: false, passOn: false });
    } finally {
      clearTimeout(timer);
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#turns >= turnsMax) return;
    this.#scheduled = true;
    // The end of this round of the event loop: everything that finishes in it goes in one turn.
    setImmediate(() => {
      this.#scheduled = false;
      const turn = this.#next();
      if (turn === undefined) return;
      void this.#take(turn);
      // A second turn leaves a round later: two that arrive together are answered together, and then Redis would wait for
      // this process and this process for Redis by turns.
      this.#schedule();
    });
  }

  #next(): Turn | undefined {
    if (this.#giveUp.signal.aborted) return undefined;
    const { slots } = this.#parts;
    const curious = (!this.#hungry || this.#woken) && !this.#stopping && this.#failing === 0;
    // Half of what may run at once, so that the other half is being run meanwhile.
    const share = slots.total < 8 ? slots.total : Math.ceil(slots.total / turnsMax);
    if (!curious) slots.leave(this.#ready);
    const want = curious ? slots.take(Math.min(share, turnSizeMax), this.#ready) : 0;
    const passOn = curious && want === 0 && this.#listed;
    if (this.#finished.length === 0 && want === 0 && !passOn) return undefined;
    const told = this.#turns + 1 < turnsMax && share < slots.total ? Math.ceil(this.#finished.length / 2) : this.#finished.length;
    const finished = this.#takeFinished(Math.min(told, turnSizeMax));
    return { token: this.#token(), finished, want, failing: false, passOn };
  }

  #takeFinished(most: number): readonly HeldJob[] {
    // Filled, not cut off: an array that had nothing is of another kind, and what reads both kinds is compiled twice.
    const taken: HeldJob[] = [];
    let bytes = 0;
    for (let index = 0; index < most; index++) {
      const held = this.#finished[index] as HeldJob;
      bytes += held.outcome?.result?.length ?? 0;
      if (bytes > turnBytesMax && index > 0) break;
      taken.push(held);
    }
    this.#finished = this.#finished.slice(taken.length);
    return taken;
  }

  #token(): string {
    this.#turnCount++;
    return `${this.#parts.worker}:${this.#life}:${this.#turnCount}`;
  }

  #take(turn: Turn): Promise<void> {
    this.#turns++;
    // Who could not use a slot now must not stand in line before others.
    if (this.#turns >= turnsMax) this.#parts.slots.leave(this.#ready);
    if (turn.want > 0) this.#woken = false;
    if (turn.passOn) this.#listed = false;
    return this.#ask(turn).then((answer) => this.#took(turn, answer));
  }

  #took(turn: Turn, answer: Answer | undefined): void {
    const { slots, leaseMs } = this.#parts;
    this.#turns--;
    if (turn.failing) this.#failing--;
    if (answer !== undefined) this.#book(turn, answer.reply, answer.askedAt + leaseMs);
    else if (!this.#lent(turn)) slots.give(turn.want);
    if (this.#settledWaiters.length > 0) for (const resolve of this.#settledWaiters.splice(0)) resolve();
    this.#schedule();
  }

  // What every turn goes through is small and by itself, and what only a turn goes through that fails is elsewhere: else the engine
  // compiles all of it, on a processor that Redis may need.

  /** Asks until Redis answers; `undefined` if it is given up. */
  async #ask(turn: Turn): Promise<Answer | undefined> {
    const finished = finishedOf(turn.finished);
    try {
      return await this.#askOnce(turn, finished, false);
    } catch (error) {
      return await this.#askAgain(turn, finished, error);
    }
  }

  #askOnce(turn: Turn, finished: readonly Finished[], resume: boolean): Promise<Answer> {
    const { store, worker, leaseMs } = this.#parts;
    const askedAt = performance.now();
    // A turn that asks for nothing must not strike a worker off that waits for something.
    const listed = turn.want > 0 ? this.#listed || resume : this.#stopping || turn.passOn;
    const request = { worker, token: turn.token, finished, want: turn.want, leaseMs, resume, listed };
    // A lease counts from when it was asked for: a call that waits longer for a connection would bring jobs that are lost.
    const options = { signal: this.#giveUp.signal, timeout: Math.min(5_000, leaseMs / 2) };
    return store.step(request, options).then((reply) => this.#answered(turn, listed, reply, askedAt));
  }

  #answered(turn: Turn, listed: boolean, reply: StepReply, askedAt: number): Answer {
    this.#parts.onSuccess();
    if (turn.want > 0 && (listed || reply.jobs.length < turn.want)) this.#listed = reply.jobs.length < turn.want;
    return { reply, askedAt };
  }

  /** Asks again, after a lost reply with the same token, so that nothing is claimed or booked twice. */
  async #askAgain(turn: Turn, finished: readonly Finished[], failure: unknown): Promise<Answer | undefined> {
    const { slots, onError } = this.#parts;
    let error = failure;
    let resume = false;
    for (let attempt = 1; ; attempt++) {
      // A connection that was closed does not come back.
      if (this.#stopping && error instanceof ScriptError && error.code === "CLIENT_CLOSED") this.#giveUp.abort();
      if (this.#giveUp.signal.aborted) return undefined;
      onError(error);
      resume ||= !(error instanceof ScriptError) || error.applied === "maybe";
      if (!turn.failing) {
        turn.failing = true;
        this.#failing++;
        if (this.#lent(turn)) slots.give(turn.want);
      }
      await this.#rest(this.#pause(attempt));
      if (this.#giveUp.signal.aborted) return undefined;
      try {
        return await this.#askOnce(turn, finished, resume);
      } catch (next) {
        error = next;
      }
    }
  }

  /** Whether other partitions have a turn's slots. */
  #lent(turn: Turn): boolean {
    return turn.failing && this.#parts.slots.shared;
  }

  async #rest(ms: number): Promise<void> {
    const { signal } = this.#giveUp;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }

  #book(turn: Turn, reply: StepReply, leaseEndsAt: number): void {
    this.#tellSettled(turn.finished, reply.settled);
    if (turn.want > 0) {
      this.#hungry = reply.jobs.length < turn.want;
      if (this.#hungry) this.#setAlarm(reply);
    }
    const holding = { token: turn.token, claimedUntil: reply.leaseEndsAt, leaseEndsAt };
    const { slots } = this.#parts;
    const room = this.#lent(turn) ? slots.takeBack(turn.want) : turn.want;
    slots.give(turn.want - reply.jobs.length);
    this.#handOut(reply.jobs, holding, room);
  }

  #tellSettled(finished: readonly HeldJob[], statuses: readonly Settled[]): void {
    for (let index = 0; index < finished.length; index++)
      this.#parts.settled(finished[index] as HeldJob, statuses[index] ?? "gone");
  }

  #handOut(jobs: readonly StoredJob[], holding: Holding, room: number): void {
    for (let index = 0; index < jobs.length; index++) this.#parts.claimed(jobs[index] as StoredJob, holding, index < room);
  }

  #setAlarm({ nextInMs, idle }: StepReply): void {
    clearTimeout(this.#alarm);
    if (this.#stopping) return;
    // Idle workers spread over as many milliseconds as there are of them, so that the first comes at once and a thousand
    // do not come together.
    // Within a lease: nobody tells of one that began after this turn, and whose worker was killed.
    const mostMs = Math.min(idleMsMax, this.#parts.leaseMs);
    const inMs = nextInMs === undefined ? mostMs : Math.min(mostMs, nextInMs + Math.random() * (idle - 1));
    this.#alarm = setTimeout(() => this.wake(), inMs);
  }
}

/** Written out: copying what an outcome happens to have costs a microsecond a job. */
function finishedOf(jobs: readonly HeldJob[]): readonly Finished[] {
  const finished: Finished[] = [];
  for (const { job, token, claimedUntil, outcome } of jobs) {
    const { outcome: kind, result, error, delayMs } = outcome as JobOutcome;
    finished.push({ id: job.id, token, leaseEndsAt: claimedUntil, outcome: kind, result, error, delayMs });
  }
  return finished;
}
