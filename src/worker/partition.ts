import type { Unsubscribe } from "../client/index.ts";
import type { Emitter } from "../core/index.ts";
import { type JobStore, type Queue, type Settled, type StoredJob, workerChannel } from "../jobs/index.ts";
import { prefixed } from "../script/index.ts";
import { JobAbortedError } from "./errors.ts";
import type { WorkerEvents } from "./events.ts";
import type { FindHandler } from "./handler.ts";
import { HeldJob, type Holding } from "./held-job.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { Outage } from "./outage.ts";
import { Runner } from "./runner.ts";
import type { Slots } from "./slots.ts";
import { Stepper } from "./stepper.ts";

/** What a worker's part in a partition needs. */
export interface PartitionParts {
  readonly worker: string;
  readonly queue: Queue;
  readonly store: JobStore;
  readonly findHandler: FindHandler;
  readonly slots: Slots;
  readonly leaseMs: number;
  readonly timeoutMs: number;
  readonly events: Emitter<WorkerEvents>;
}

/** What a worker does in one partition of its queue: it claims jobs, runs them, keeps their leases, and tells what became of them. */
export class Partition {
  readonly #parts: PartitionParts;
  readonly #held = new Set<HeldJob>();
  readonly #errors = new WeakMap<HeldJob, unknown>();
  readonly #stepper: Stepper;
  readonly #keeper: LeaseKeeper;
  readonly #runner: Runner;
  #draining = false;
  #drained: (() => void) | undefined;
  #unsubscribe: Unsubscribe | undefined;

  constructor(parts: PartitionParts) {
    const { worker, queue, store, findHandler, slots, leaseMs, timeoutMs, events } = parts;
    this.#parts = parts;
    const outage = new Outage({
      began: (error) => events.emit("error", { worker, error }),
      ended: (failures, outageMs) => events.emit("recovered", { worker, failures, outageMs }),
    });
    const onError = (error: unknown): void => outage.failed(error);
    this.#stepper = new Stepper({
      store,
      worker,
      leaseMs,
      slots,
      claimed: (job, holding, hasSlot) => this.#begin(job, holding, hasSlot),
      settled: (held, status) => this.#settled(held, status),
      onError,
      onSuccess: () => outage.succeeded(),
    });
    const lost = (held: HeldJob): void => this.#lose(held);
    this.#keeper = new LeaseKeeper({ store, leaseMs, maxBytes: queue.maxBytes, held: this.#held, lost, onError });
    this.#runner = new Runner({
      queue,
      backoff: store.limits.backoff,
      findHandler,
      timeoutMs,
      held: this.#held,
      progress: (held, value) => this.#keeper.progress(held, value),
      over: (held, error) => this.#over(held, error),
    });
  }

  /** Begins to hear what it is told. */
  async listen(): Promise<void> {
    const { store, worker } = this.#parts;
    const channel = prefixed(store.redis.traits.prefix, workerChannel(store.keys, worker));
    this.#unsubscribe = await store.redis.subscribe(channel, {
      message: (text) => this.#hear(text),
      restored: () => this.#stepper.wake(),
    });
  }

  /** Hears nothing any more. */
  async leave(): Promise<void> {
    await this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Begins to claim. */
  start(): void {
    this.#draining = false;
    this.#keeper.start();
    this.#stepper.start();
  }

  /** Claims no more, waits for what runs, at most so long, puts the rest back, and resolves when all is told. */
  async stop(timeoutMs: number): Promise<void> {
    this.#draining = true;
    this.#stepper.drain();
    await this.#drain(timeoutMs);
    for (const held of this.#held) {
      if (!held.over) this.#abort(held, "WORKER_STOPPED", "was put back: its worker stopped", { outcome: "snoozed", delayMs: 0 });
    }
    await this.#stepper.settle(5_000);
    this.#keeper.stop();
    this.#runner.stop();
    this.#held.clear();
    await this.leave();
  }

  /** Resolves when no handler runs any more, or the time for it is up. */
  async #drain(timeoutMs: number): Promise<void> {
    if (this.#idle()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#drained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#drained = undefined;
  }

  #idle(): boolean {
    for (const held of this.#held) if (!held.over) return false;
    return true;
  }

  #hear(message: string): void {
    if (!message.startsWith("cancel ")) {
      this.#stepper.wake();
      return;
    }
    const id = message.slice("cancel ".length);
    for (const held of this.#held) {
      if (held.job.id === id && !held.over) this.#abort(held, "JOB_CANCELED", "was canceled");
    }
  }

  #begin(stored: StoredJob, holding: Holding, hasSlot: boolean): void {
    let held: HeldJob;
    try {
      held = new HeldJob(this.#parts.queue.decode(stored), holding);
    } catch (error) {
      // Its payload is not what the codec writes. Another codec may read it later, so it fails like any attempt.
      held = new HeldJob(stored, holding);
      this.#held.add(held);
      this.#runner.refuse(held, error);
      return;
    }
    if (stored.recoveryCount > 0) this.#loseFormer(held);
    this.#held.add(held);
    if (this.#draining || !hasSlot) this.#finish(held, { outcome: "snoozed", delayMs: 0 });
    else this.#runner.start(held);
  }

  /** A job that this worker was given anew was taken back from it, if it has it still: told by its id, both would be lost. */
  #loseFormer({ job }: HeldJob): void {
    for (const former of this.#held) if (former.job.id === job.id && !former.over) this.#lose(former);
  }

  #lose(held: HeldJob): void {
    this.#abort(held, "JOB_LEASE_LOST", "is no longer this worker's: its lease lapsed or it was taken back");
  }

  #over(held: HeldJob, error: unknown): void {
    if (error !== undefined) this.#errors.set(held, error);
    // A job that was lost is no longer held, and what became of it is for its new holder to tell.
    if (this.#held.has(held)) this.#stepper.finish(held);
    if (this.#draining && this.#idle()) this.#drained?.();
  }

  #finish(held: HeldJob, outcome: HeldJob["outcome"]): void {
    held.over = true;
    held.outcome = outcome;
    this.#over(held, undefined);
  }

  /** Tells a handler to stop, and gives its slot to the next job: it may never answer. */
  #abort(held: HeldJob, code: JobAbortedError["code"], why: string, outcome?: HeldJob["outcome"]): void {
    const { job } = held;
    const reason = new JobAbortedError(code, job.id, `Job ${job.id} (${job.name}) ${why}.`);
    const wasOver = held.over;
    held.abort(reason);
    if (outcome !== undefined) {
      this.#finish(held, outcome);
    } else {
      this.#held.delete(held);
      held.over = true;
      if (!wasOver) this.#stepper.forget();
      if (this.#draining && this.#idle()) this.#drained?.();
    }
    this.#parts.events.emit("aborted", { worker: this.#parts.worker, job, reason });
  }

  #settled(held: HeldJob, status: Settled): void {
    const { worker, events } = this.#parts;
    this.#held.delete(held);
    if (!events.heard("settled")) return;
    const durationMs = performance.now() - held.startedAt;
    events.emit("settled", { worker, job: held.job, status, durationMs, error: this.#errors.get(held) });
  }
}
