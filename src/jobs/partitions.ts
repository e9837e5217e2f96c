import calculateSlot from "cluster-key-slot";
import type { RedisPort } from "../client/index.ts";
import { prefixed, run } from "../script/index.ts";
import { JobPartitionsError } from "./errors.ts";
import type { StoredJob } from "./job.ts";
import { type JobPage, type JobStats, JobStore } from "./job-store.ts";
import { jobKeys } from "./keys.ts";
import { type JobSet, type PageOptions, pageMax, readPage } from "./page.ts";
import * as scripts from "./scripts.gen.ts";
import type { JobStoreOptions } from "./store-options.ts";

/** By what the jobs of a set are in order: small first. */
const orders = {
  ready: ({ priority, createdAt }: StoredJob) => [priority, createdAt],
  scheduled: ({ retryDelayUntil }: StoredJob) => [retryDelayUntil ?? 0],
  leased: ({ startedAt }: StoredJob) => [startedAt ?? 0],
  dead: ({ completedAt }: StoredJob) => [completedAt ?? 0],
  done: ({ completedAt }: StoredJob) => [completedAt ?? 0],
} satisfies Record<JobSet, (job: StoredJob) => readonly number[]>;

/**
 * The partitions of a queue: each has jobs of its own in a slot of its own, and an id belongs to one of them for ever. A queue
 * that is not partitioned is its own only one.
 */
export class Partitions {
  readonly stores: readonly JobStore[];
  readonly #redis: RedisPort;
  readonly #queue: string;
  #agreed: Promise<void> | undefined;

  constructor(redis: RedisPort, queue: string, count: number, options: JobStoreOptions) {
    this.#redis = redis;
    this.#queue = queue;
    this.stores =
      count === 1
        ? [new JobStore(redis, queue, options)]
        : Array.from({ length: count }, (_, partition) => new JobStore(redis, queue, options, partition));
  }

  /** Which of them an id belongs to. */
  indexOf(id: string): number {
    return this.stores.length === 1 ? 0 : calculateSlot(id) % this.stores.length;
  }

  /** The store of an id. */
  of(id: string): JobStore {
    return this.stores[this.indexOf(id)] as JobStore;
  }

  /** Ids by the store that they belong to. */
  group(ids: readonly string[]): ReadonlyMap<JobStore, readonly string[]> {
    const groups = new Map<JobStore, string[]>();
    for (const id of ids) {
      const store = this.of(id);
      const group = groups.get(store);
      if (group === undefined) groups.set(store, [id]);
      else group.push(id);
    }
    return groups;
  }

  /**
   * Makes sure that all who use the queue divide it alike: an id would be looked for in the wrong place otherwise. Asks once.
   *
   * @throws {JobPartitionsError} others divide it otherwise
   */
  agree(): Promise<void> {
    this.#agreed ??= this.#agree().catch((error: unknown) => {
      this.#agreed = undefined;
      throw error;
    });
    return this.#agreed;
  }

  async #agree(): Promise<void> {
    const count = this.stores.length;
    const { ready, fresh, scheduled, leased, meta } = jobKeys(this.#queue);
    const noted = await run(this.#redis, scripts.agree, { ready, fresh, scheduled, leased, meta }, { partitions: count });
    if (noted.partitions === count) return;
    const key = prefixed(this.#redis.traits.prefix, meta);
    throw new JobPartitionsError(this.#queue, count, noted.partitions, noted.jobs, key);
  }

  /** How many jobs are where, in all of them. */
  async stats(): Promise<JobStats> {
    const all = await Promise.all(this.stores.map((store) => store.stats()));
    const sum = (field: Exclude<keyof JobStats, "paused">): number => all.reduce((total, stats) => total + stats[field], 0);
    return {
      queued: sum("queued"),
      scheduled: sum("scheduled"),
      inProgress: sum("inProgress"),
      completed: sum("completed"),
      failed: sum("failed"),
      canceled: sum("canceled"),
      dead: sum("dead"),
      paused: all.some(({ paused }) => paused),
    };
  }

  /** A page of a set's jobs. */
  async list(set: JobSet, options: PageOptions): Promise<JobPage> {
    const { offset, limit, newest, full } = readPage(options);
    const [only, ...others] = this.stores;
    if (only !== undefined && others.length === 0) return await only.list(set, options);
    // What comes first in all of them is among what comes first in each.
    const fronts = await Promise.all(this.stores.map((store) => frontOf(store, set, offset + limit, newest)));
    const order: (job: StoredJob) => readonly number[] = orders[set];
    const before = (one: StoredJob, other: StoredJob): boolean => compare(order(one), order(other)) * (newest ? -1 : 1) < 0;
    const jobs = merge(fronts, offset + limit, before).slice(offset);
    const total = fronts.reduce((sum, front) => sum + front.total, 0);
    if (!full) return { total, jobs };
    const read = await Promise.all(jobs.map(({ id }) => this.of(id).get(id)));
    return { total, jobs: read.filter((job) => job !== undefined) };
  }
}

/** The first jobs of a store's set, without payloads. */
async function frontOf(store: JobStore, set: JobSet, count: number, newest: boolean): Promise<JobPage> {
  const jobs: StoredJob[] = [];
  for (let offset = 0; ; offset += pageMax) {
    const page = await store.list(set, { offset, limit: Math.min(count - offset, pageMax), newest });
    jobs.push(...page.jobs);
    if (offset + pageMax >= Math.min(count, page.total)) return { total: page.total, jobs };
  }
}

/**
 * The first `count` jobs of all fronts. Each keeps its own order, whatever `before` makes of two of its jobs, so that the pages of a
 * merge fit together: a replayed job stands behind younger ones.
 */
function merge(
  fronts: readonly JobPage[],
  count: number,
  before: (one: StoredJob, other: StoredJob) => boolean,
): readonly StoredJob[] {
  const merged: StoredJob[] = [];
  const places = fronts.map(() => 0);
  while (merged.length < count) {
    let first: StoredJob | undefined;
    let from = 0;
    for (const [index, { jobs }] of fronts.entries()) {
      const head = jobs[places[index] as number];
      if (head === undefined || (first !== undefined && !before(head, first))) continue;
      first = head;
      from = index;
    }
    if (first === undefined) break;
    merged.push(first);
    places[from] = (places[from] as number) + 1;
  }
  return merged;
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
