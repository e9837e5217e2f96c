import type { RedisPort } from "../client/index.ts";
import {
  accept,
  boolean,
  Coalescer,
  type Duration,
  InvalidInputError,
  integer,
  messageOf,
  readOptions,
  refuseUnknown,
  show,
  toMs,
  withDefault,
} from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type Codec, json, sizeOf, textOf } from "./codec.ts";
import { JobTooLargeError } from "./errors.ts";
import type { Job, StoredJob } from "./job.ts";
import type { JobChanges } from "./job-changes.ts";
import type { JobStats, JobStore } from "./job-store.ts";
import { type Created, checkId, type JobRow, plainRow, rowOf } from "./new-job.ts";
import type { PageOptions } from "./page.ts";
import { Partitions } from "./partitions.ts";
import { type JobStoreOptions, readStoreOptions, storeFields } from "./store-options.ts";
import { follow } from "./wait.ts";

/** Options of a {@link Queue}. */
export interface QueueOptions extends Omit<JobStoreOptions, "text"> {
  /** How payloads and results become bytes. @default json */
  readonly codec?: Codec;
  /** No payload, and no result, may be larger. @default 1_048_576 */
  readonly maxBytes?: number;
  /**
   * Divides the queue over so many slots of a cluster, when it has outgrown one. The same for all who use it. Order is kept
   * within each; up to 1,024. @default 1
   */
  readonly partitions?: number;
}

/** How a job is added. */
export interface AddOptions {
  /** Adding a second job of the same id changes nothing. @default a random one, of 22 characters */
  readonly id?: string | undefined;
  /** Run it so long from now. */
  readonly delay?: Duration | undefined;
  /** Run it then; instead of `delay`. */
  readonly runAt?: Date | number | undefined;
  /** Smaller goes first, from -1024 to 1023. @default 0 */
  readonly priority?: number | undefined;
  /** How often to try again after a failure. @default the queue's, 3 */
  readonly maxRetries?: number | undefined;
  /** How long one attempt may take. @default the worker's */
  readonly timeout?: Duration | undefined;
  /** Headers of the request behind the job, by lower-case name. */
  readonly headers?: Job["headers"];
  readonly routeParams?: Job["routeParams"];
  readonly queryParams?: Job["queryParams"];
  /** Trace context to go on with: a `traceparent`. */
  readonly trace?: string | undefined;
}

/** Whether its payloads are text is told by its codec. */
const { text: _text, ...fields } = storeFields;
const queueFields = { ...fields, fold: withDefault(boolean(), true) };
const additionNames: readonly string[] = ["name", "payload", "options"];

/** What a queue's jobs carry, by name. */
export type JobTypes = { readonly [name: string]: unknown };

/** A job to be added. */
export type Addition<Types extends JobTypes> = {
  [Name in keyof Types & string]: { readonly name: Name; readonly payload: Types[Name]; readonly options?: AddOptions };
}[keyof Types & string];

/** Which jobs a list holds. Completed and canceled jobs are `ended`. */
export type ListedStatus = "queued" | "scheduled" | "in-progress" | "failed" | "ended";

const setOf = { queued: "ready", scheduled: "scheduled", "in-progress": "leased", failed: "dead", ended: "done" } as const;

const addOptionNames = [
  "id",
  "delay",
  "runAt",
  "priority",
  "maxRetries",
  "timeout",
  "headers",
  "routeParams",
  "queryParams",
  "trace",
];

/**
 * A queue of jobs: add them here, run them with a `Worker`.
 *
 * @example
 * const queue = new Queue<{ welcome: { to: string } }>(redis, "email");
 * const { id } = await queue.add("welcome", { to: "a@example.com" }, { delay: "5m" });
 * const job = await queue.get(id);
 */
export class Queue<Types extends JobTypes = JobTypes> {
  readonly name: string;
  /** One for each partition, in order; one in all if there are none. */
  readonly stores: readonly JobStore[];
  readonly codec: Codec;
  /** No payload, and no result, may be larger. */
  readonly maxBytes: number;
  readonly #partitions: Partitions;
  /** One for each partition. */
  readonly #adds: readonly Coalescer<JobRow, Created>[];

  /** @throws {InvalidInputError} the name or an option cannot be used */
  constructor(redis: RedisPort, name: string, options: QueueOptions = {}) {
    checkPort("Queue", redis);
    const { codec, fold, maxBytes, partitions } = readOptions("Queue", options, {
      ...queueFields,
      codec: withDefault(accept<Codec>("a codec { encode, decode }", isCodec), json),
      maxBytes: withDefault(integer({ min: 1, max: 512 * 1024 * 1024 }), 1024 * 1024),
      partitions: withDefault(integer({ min: 1, max: 1_024 }), 1),
    });
    const { codec: _codec, maxBytes: _maxBytes, partitions: _partitions, ...storeOptions } = options;
    // Before the store does, whose errors would name itself.
    readStoreOptions("Queue", storeOptions);
    this.name = name;
    this.#partitions = new Partitions(redis, name, partitions, { ...storeOptions, fold, text: codec.text === true });
    this.stores = this.#partitions.stores;
    this.codec = codec;
    this.maxBytes = maxBytes;
    // 250 a script: more gain nothing (a script of 250 adds takes about 1.5 ms) and hold others up. Two in flight, so that
    // this process encodes while Redis works.
    const limits = { items: 250, flights: 2, weight: { of: weightOf as (row: never) => number, max: 4 * 1024 * 1024 } };
    this.#adds = this.stores.map((store) => new Coalescer((rows) => this.#create(store, rows), limits));
  }

  /** The store of a queue that is not partitioned. @throws {InvalidInputError} it is, and an id's is {@link storeOf} */
  get store(): JobStore {
    const [first, second] = this.stores;
    if (second === undefined) return first as JobStore;
    const message = `Queue "${this.name}" has ${this.stores.length} partitions, each with a store: use queue.storeOf(id), or queue.stores for all.`;
    throw new InvalidInputError("INPUT_INVALID", "store", message);
  }

  /** The store that holds the job of an id, if there is one. */
  storeOf(id: string): JobStore {
    checkId(id);
    return this.#partitions.of(id);
  }

  /**
   * Makes sure that all who use the queue divide it into the same partitions. Adding does, once, and a worker as it starts.
   *
   * @throws {JobPartitionsError} others divide it otherwise
   * @throws {ScriptError} Redis could not be asked
   */
  async agree(): Promise<void> {
    await this.#partitions.agree();
  }

  /**
   * Adds a job. Calls made at about the same time share a round trip.
   *
   * @returns the job's id, and whether this call made it: a job of the same id is left as it is
   * @throws {InvalidInputError} an option is unknown or does not fit; nothing was sent
   * @throws {JobTooLargeError} the payload is larger than the queue allows
   * @throws {ScriptError} Redis could not be asked; `applied` says whether the job may have been added
   */
  add<Name extends keyof Types & string>(name: Name, payload: Types[Name], options?: AddOptions): Promise<Created> {
    // Not async: that would cost each addition a promise and a function that can wait, a third of what it leaves to be collected.
    try {
      return this.#submit(this.#row(name, payload, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Adds many jobs, in order. All are checked before the first is sent. */
  async addMany(additions: readonly Addition<Types>[]): Promise<readonly Created[]> {
    if (!Array.isArray(additions)) throw unfit("addMany", "a list of { name, payload, options }", additions);
    const rows = (additions as readonly Addition<Types>[]).map((addition, index) => {
      for (const name in addition) {
        if (!additionNames.includes(name)) refuseUnknown(`addMany[${index}]`, addition, additionNames);
      }
      return this.#row(addition.name, addition.payload, addition.options);
    });
    return await Promise.all(rows.map((row) => this.#submit(row)));
  }

  /** Reads a job; `undefined` if there is none of that id, or none any more. @throws what the codec throws, if it cannot read it */
  async get<Name extends keyof Types & string = keyof Types & string>(id: string): Promise<Job<Types[Name]> | undefined> {
    return this.#typed(await this.storeOf(id).get(id));
  }

  /**
   * Waits until a job has ended, or the time is up, and answers it as it is then; `undefined` if there is no such job.
   *
   * @param options.timeout how long to wait. @default "30s"
   * @throws the signal's reason, if it fires
   */
  async wait<Name extends keyof Types & string = keyof Types & string>(
    id: string,
    options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): Promise<Job<Types[Name]> | undefined> {
    await this.storeOf(id).wait(id, options);
    return await this.get(id);
  }

  /**
   * Tells how a job is now, and each time that its status or its progress has changed, until it has ended, is forgotten, or
   * the time is up. It listens, and looks by itself every 5 s. Payload and result are not read: {@link get} has them.
   *
   * @param options.timeout for how long. @default "1h"
   * @throws {ScriptError} Redis could not be asked
   * @throws the signal's reason, if it fires
   * @example
   * for await (const { status, progress } of queue.follow(id)) console.log(status, progress);
   */
  follow(
    id: string,
    options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Omit<Job, "payload" | "result">, void, undefined> {
    refuseUnknown("follow", options, ["timeout", "signal"]);
    checkId(id);
    return follow(this.storeOf(id), id, toMs(options.timeout ?? "1h", "timeout"), options.signal);
  }

  /** How many jobs are where. */
  async stats(): Promise<JobStats> {
    return await this.#partitions.stats();
  }

  /**
   * Reads a page of the jobs of a status, without payloads and results unless `full`. What the codec cannot read is left as
   * it is stored: a job that died of it is to be seen among the dead letters, and must not hide the others.
   */
  async list(
    status: ListedStatus,
    options: PageOptions = {},
  ): Promise<{ readonly total: number; readonly jobs: readonly Job[] }> {
    if (!Object.hasOwn(setOf, status)) throw unfit("status", `one of ${Object.keys(setOf).join(", ")}`, status);
    const { total, jobs } = await this.#partitions.list(setOf[status], options);
    return { total, jobs: jobs.map((job) => this.#decodeWhatCan(job)) };
  }

  /** Reads a page of dead letters, the newest first. */
  async deadLetters(
    options: Pick<PageOptions, "offset" | "limit"> = {},
  ): Promise<{ readonly total: number; readonly jobs: readonly Job[] }> {
    return await this.list("failed", { newest: true, full: true, ...options });
  }

  /** Puts dead letters back in line, with all their retries. Answers how many of them there were. */
  async replay(...ids: readonly string[]): Promise<number> {
    for (const id of ids) checkId(id);
    const groups = [...this.#partitions.group(ids)];
    const replies = await Promise.all(groups.map(([store, some]) => store.replay({ ids: some })));
    return replies.reduce((sum, { replayed }) => sum + replayed, 0);
  }

  /** Puts all dead letters back in line, those that die meanwhile excepted. Answers how many. */
  async replayAll(): Promise<number> {
    const replayed = await Promise.all(this.stores.map(replayAllOf));
    return replayed.reduce((sum, each) => sum + each, 0);
  }

  /** Changes a job that has not begun: its payload, priority, delay. Answers whether it was, and its status. */
  async update(
    id: string,
    changes: Omit<JobChanges, "payload"> & { readonly payload?: unknown },
  ): ReturnType<JobStore["update"]> {
    const { payload, ...rest } = changes;
    return await this.storeOf(id).update(
      id,
      payload === undefined ? rest : { ...rest, payload: this.encode("payload", payload) ?? null },
    );
  }

  /** Cancels a job, whether it waits or runs; a running one's handler is told by its signal. */
  async cancel(id: string): ReturnType<JobStore["cancel"]> {
    return await this.storeOf(id).cancel(id);
  }

  /** Forgets a job, unless it runs. */
  async remove(id: string): ReturnType<JobStore["remove"]> {
    return await this.storeOf(id).remove(id);
  }

  /** Stops handing out jobs, in every process, until {@link resume}. What runs goes on. */
  async pause(): Promise<void> {
    await this.#pause(true);
  }

  async resume(): Promise<void> {
    await this.#pause(false);
  }

  /**
   * What a value is stored as; `undefined` is stored as nothing.
   *
   * @throws {InvalidInputError} the codec cannot encode it
   * @throws {JobTooLargeError} it is larger than the queue allows
   */
  encode(field: "payload" | "result", value: unknown): Uint8Array | string | undefined {
    if (value === undefined) return undefined;
    const encoded = this.#encode(field, value);
    if (typeof encoded !== "string" && !(encoded instanceof Uint8Array)) {
      throw unfit(field, "something that the queue's codec can encode", value);
    }
    // On its way to a script an empty result cannot be told from none.
    if (field === "result" && encoded.length === 0) return undefined;
    // Characters are counted first: a text of n has n to 3n bytes, and counting those is a pass over all of it.
    if (encoded.length * 3 > this.maxBytes && sizeOf(encoded) > this.maxBytes) {
      throw new JobTooLargeError(this.name, field, sizeOf(encoded), this.maxBytes);
    }
    return encoded;
  }

  #encode(field: string, value: unknown): Uint8Array | string | undefined {
    try {
      return this.codec.encode(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : messageOf(error);
      throw unfit(field, `something that the queue's codec can encode (it says: ${reason})`, value);
    }
  }

  /** A stored job with its payload and result decoded. */
  decode(job: StoredJob): Job {
    const decoded = job as { payload: unknown; result: unknown };
    if (job.payload !== undefined) decoded.payload = this.codec.decode(job.payload);
    if (job.result !== undefined) decoded.result = this.codec.decode(job.result);
    return job as Job;
  }

  #decodeWhatCan(job: StoredJob): Job {
    const decoded = job as { payload: unknown; result: unknown };
    for (const field of ["payload", "result"] as const) {
      const stored = job[field];
      if (stored === undefined) continue;
      try {
        decoded[field] = this.codec.decode(stored);
      } catch {
        decoded[field] = this.codec.text === true ? textOf(stored) : stored;
      }
    }
    return job;
  }

  #typed<Name extends keyof Types & string>(job: StoredJob | undefined): Job<Types[Name]> | undefined {
    return job === undefined ? undefined : (this.decode(job) as Job<Types[Name]>);
  }

  #row(name: string, payload: unknown, options: AddOptions | undefined): JobRow {
    const { maxRetries } = (this.stores[0] as JobStore).limits;
    if (options === undefined) return plainRow(name, this.encode("payload", payload), maxRetries);
    refuseUnknown("Queue.add", options, addOptionNames);
    const { timeout } = options;
    const timeoutMs = timeout === undefined ? undefined : toMs(timeout, "timeout");
    return rowOf({ name, payload: this.encode("payload", payload), timeoutMs }, options, maxRetries);
  }

  #submit(row: JobRow): Promise<Created> {
    return (this.#adds[this.#partitions.indexOf(row.id)] as Coalescer<JobRow, Created>).submit(row);
  }

  #create(store: JobStore, rows: readonly JobRow[]): Promise<readonly Created[]> {
    return this.#partitions.agree().then(() => store.createRows(rows));
  }

  async #pause(paused: boolean): Promise<void> {
    await Promise.all(this.stores.map((store) => store.pause(paused)));
  }
}

async function replayAllOf(store: JobStore): Promise<number> {
  let replayed = 0;
  let until: number | undefined;
  for (;;) {
    const page = await store.replay({ limit: 500, ...(until === undefined ? {} : { until }) });
    until ??= page.nowMs;
    replayed += page.replayed;
    if (!page.more) return replayed;
  }
}

function weightOf({ payload }: JobRow): number {
  return payload === undefined ? 0 : payload.length;
}

function isCodec(value: unknown): boolean {
  const codec = value as Partial<Codec> | null;
  return typeof codec?.encode === "function" && typeof codec.decode === "function";
}

function unfit(field: string, expects: string, value: unknown): InvalidInputError {
  return new InvalidInputError("INPUT_INVALID", field, `${field} must be ${expects}, not ${show(value)}.`);
}
