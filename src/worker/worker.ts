import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Unsubscribe } from "../client/index.ts";
import {
  type Duration,
  duration,
  Emitter,
  InvalidInputError,
  integer,
  type Off,
  readOptions,
  Service,
  show,
  text,
  withDefault,
} from "../core/index.ts";
import { type Job, type JobTypes, type Queue, type Settled, type StoredJob, workerChannel } from "../jobs/index.ts";
import { prefixed } from "../script/index.ts";
import { JobAbortedError } from "./errors.ts";
import { type Handlers, readHandlers } from "./handler.ts";
import { HeldJob, type Holding } from "./held-job.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { Outage } from "./outage.ts";
import { Runner } from "./runner.ts";
import { Stepper } from "./stepper.ts";

/** Options of a {@link Worker}. */
export interface WorkerOptions {
  /** At most so many jobs run at once. @default 10 */
  readonly concurrency?: number;
  /** How long a job stays this worker's if it is not heard of. At least a second. @default "30s" */
  readonly lease?: Duration;
  /** How long one attempt may take, unless the job says so itself; 0 for as long as it takes. @default "30m" */
  readonly timeout?: Duration;
  /** How long `stop()` waits for running jobs before it tells them to stop and puts them back. @default "30s" */
  readonly stopTimeout?: Duration;
  /** Name of this worker, unique among all. @default host, process and a random part */
  readonly id?: string;
}

/** What a worker tells. Each is also published on the `diagnostics_channel` `redlua:worker:<event>`. */
export interface WorkerEvents {
  /** A job ended, or goes on later: `status` says how. `error` is what its handler threw. */
  readonly settled: {
    readonly worker: string;
    readonly job: Job;
    readonly status: Settled;
    readonly durationMs: number;
    readonly error: unknown;
  };
  /** A job was told to stop: its lease is lost, it was canceled, or the worker stopped. */
  readonly aborted: { readonly worker: string; readonly job: Job; readonly reason: JobAbortedError };
  /** Redis could not be asked; told once an outage. The worker goes on trying. */
  readonly error: { readonly worker: string; readonly error: unknown };
  /** Redis answers again. */
  readonly recovered: { readonly worker: string; readonly failures: number; readonly outageMs: number };
}

/**
 * Runs the jobs of a queue.
 *
 * It claims many jobs in one round trip and finishes many in the same one, keeps their leases, takes back the jobs of
 * workers that went away, and comes back by itself when Redis does.
 *
 * @example
 * const worker = new Worker(queue, { welcome: async (job, { signal }) => send(job.payload, signal) }, { concurrency: 100 });
 * await worker.start();
 * // …
 * await worker.stop();
 */
export class Worker<Types extends JobTypes = JobTypes> extends Service {
  readonly id: string;
  readonly #queue: Queue<Types>;
  readonly #stopTimeoutMs: number;
  readonly #events = new Emitter<WorkerEvents>("worker", { settled: true, aborted: true, error: true, recovered: true });
  readonly #held = new Set<HeldJob>();
  readonly #errors = new WeakMap<HeldJob, unknown>();
  readonly #stepper: Stepper;
  readonly #keeper: LeaseKeeper;
  readonly #runner: Runner;
  readonly #outage: Outage;
  #draining = false;
  #drained: (() => void) | undefined;
  #unsubscribe: Unsubscribe | undefined;

  /** @throws {InvalidInputError} a handler or an option cannot be used */
  constructor(queue: Queue<Types>, handlers: Handlers<Types>, options: WorkerOptions = {}) {
    super();
    if (typeof (queue as Partial<Queue> | undefined)?.store !== "object") {
      const message = `Worker takes a Queue first: new Worker(queue, handlers), not ${show(queue)}.`;
      throw new InvalidInputError("INPUT_INVALID", "queue", message);
    }
    const { concurrency, lease, timeout, stopTimeout, id } = readOptions("Worker", options, {
      concurrency: withDefault(integer({ min: 1, max: 100_000 }), 10),
      lease: withDefault(duration({ min: 1_000, max: 2 ** 31 - 1 }), "30s"),
      timeout: withDefault(duration({ max: 2 ** 31 - 1 }), "30m"),
      stopTimeout: withDefault(duration({ max: 2 ** 31 - 1 }), "30s"),
      id: text({ max: 100 }),
    });
    this.id = id ?? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    this.#queue = queue;
    this.#stopTimeoutMs = stopTimeout;
    const { store } = queue;
    const worker = this.id;
    this.#outage = new Outage({
      began: (error) => this.#events.emit("error", { worker, error }),
      ended: (failures, outageMs) => this.#events.emit("recovered", { worker, failures, outageMs }),
    });
    const onError = (error: unknown): void => this.#outage.failed(error);
    this.#stepper = new Stepper({
      store,
      worker,
      leaseMs: lease,
      concurrency,
      claimed: (job, holding) => this.#begin(job, holding),
      settled: (held, status) => this.#settled(held, status),
      onError,
      onSuccess: () => this.#outage.succeeded(),
    });
    this.#keeper = new LeaseKeeper({
      store,
      leaseMs: lease,
      maxBytes: queue.maxBytes,
      held: this.#held,
      lost: (held) => this.#lose(held),
      onError,
    });
    this.#runner = new Runner({
      queue: queue as unknown as Queue,
      findHandler: readHandlers(queue.name, handlers),
      timeoutMs: timeout,
      progress: (held, value) => this.#keeper.progress(held, value),
      over: (held, error) => this.#over(held, error),
    });
  }

  /** Hears what the worker tells. @returns a function that ends it */
  on<Name extends keyof WorkerEvents>(name: Name, listener: (event: WorkerEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  protected override async onStart(): Promise<void> {
    const { store } = this.#queue;
    const channel = prefixed(store.redis.traits.prefix, workerChannel(store.keys, this.id));
    this.#unsubscribe = await store.redis.subscribe(channel, {
      message: (text) => this.#hear(text),
      restored: () => this.#stepper.wake(),
    });
    this.#draining = false;
    this.#keeper.start();
    this.#stepper.start();
  }

  protected override async onStop(): Promise<void> {
    this.#draining = true;
    this.#stepper.drain();
    await this.#drain();
    for (const held of this.#held) {
      if (!held.over) this.#abort(held, "WORKER_STOPPED", "was put back: its worker stopped", { outcome: "snoozed", delayMs: 0 });
    }
    await this.#stepper.settle(5_000);
    this.#keeper.stop();
    this.#held.clear();
    await this.#unsubscribe?.();
  }

  /** Resolves when no handler runs any more, or the time for it is up. */
  async #drain(): Promise<void> {
    if (this.#idle()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#stopTimeoutMs);
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

  #begin(stored: StoredJob, holding: Holding): void {
    let held: HeldJob;
    try {
      held = new HeldJob(this.#queue.decode(stored), holding);
    } catch (error) {
      // Its payload is not what the codec writes. Another codec may read it later, so it fails like any attempt.
      held = new HeldJob(stored, holding);
      this.#held.add(held);
      this.#runner.refuse(held, error);
      return;
    }
    if (stored.recoveryCount > 0) this.#loseFormer(held);
    this.#held.add(held);
    if (this.#draining) this.#finish(held, { outcome: "snoozed", delayMs: 0 });
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
    this.#events.emit("aborted", { worker: this.id, job, reason });
  }

  #settled(held: HeldJob, status: Settled): void {
    this.#held.delete(held);
    if (!this.#events.heard("settled")) return;
    const durationMs = performance.now() - held.startedAt;
    this.#events.emit("settled", { worker: this.id, job: held.job, status, durationMs, error: this.#errors.get(held) });
  }
}
