import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
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
import type { JobTypes, Queue } from "../jobs/index.ts";
import type { WorkerEvents } from "./events.ts";
import { type Handlers, readHandlers } from "./handler.ts";
import { Partition } from "./partition.ts";
import { Slots } from "./slots.ts";

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
  readonly #partitions: readonly Partition[];

  /** @throws {InvalidInputError} a handler or an option cannot be used */
  constructor(queue: Queue<Types>, handlers: Handlers<Types>, options: WorkerOptions = {}) {
    super();
    if (!Array.isArray((queue as Partial<Queue> | undefined)?.stores)) {
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
    const parts = {
      worker: this.id,
      queue: queue as unknown as Queue,
      findHandler: readHandlers(queue.name, handlers),
      slots: new Slots(concurrency, queue.stores.length > 1),
      leaseMs: lease,
      timeoutMs: timeout,
      events: this.#events,
    };
    this.#partitions = queue.stores.map((store) => new Partition({ ...parts, store }));
  }

  /** Hears what the worker tells. @returns a function that ends it */
  on<Name extends keyof WorkerEvents>(name: Name, listener: (event: WorkerEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  protected override async onStart(): Promise<void> {
    try {
      await this.#each((partition) => partition.listen());
      await this.#queue.agree();
    } catch (error) {
      await this.#each((partition) => partition.leave());
      throw error;
    }
    for (const partition of this.#partitions) partition.start();
  }

  protected override async onStop(): Promise<void> {
    await this.#each((partition) => partition.stop(this.#stopTimeoutMs));
  }

  /** One that fails does not keep the others from it. */
  async #each(work: (partition: Partition) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#partitions.map(work));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}
