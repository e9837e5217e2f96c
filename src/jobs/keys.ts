/** The keys of a queue. */
export interface JobKeys {
  readonly ready: string;
  readonly fresh: string;
  readonly vacant: string;
  readonly scheduled: string;
  readonly leased: string;
  readonly dead: string;
  readonly done: string;
  readonly past: string;
  readonly idle: string;
  readonly meta: string;
  readonly plain: string;
  readonly course: string;
  readonly batches: string;
  readonly job: string;
}

/**
 * `jobs:{<queue>}:…`, or `jobs:{<queue>:<partition>}:…`: one hash tag, so a queue, or a partition of one, lives in one slot. Where a job stands is decided by the set it is in;
 * the `status` in its hash says the same and is written in the same script.
 */
export function jobKeys(queue: string, partition?: number): JobKeys {
  const base = `jobs:{${partition === undefined ? queue : `${queue}:${partition}`}}`;
  // Frozen: a script looks at them once.
  return Object.freeze({
    ready: `${base}:ready`, // ZSET  id → priority, then age. Lives while jobs wait
    fresh: `${base}:fresh`, // LIST  ids of plain jobs, in order, that nothing has happened to. Lives while there are any
    vacant: `${base}:vacant`, // ZSET  id → the place that it has left among the fresh. Lives no longer than these
    scheduled: `${base}:scheduled`, // ZSET  id → due, ms. Lives while jobs are delayed or between retries
    leased: `${base}:leased`, // ZSET  id → lease end, ms. The only truth about what runs
    dead: `${base}:dead`, // ZSET  id → failed at, ms. Expires with the last dead letter
    done: `${base}:done`, // ZSET  id → expires at, ms. Expires with the last ended job
    past: `${base}:past`, // LIST  ids of completed jobs that were fresh, the oldest first. Expires with the last of them
    idle: `${base}:idle`, // ZSET  worker → idle since, ms. Expires 90 s after the last idle worker was heard of
    meta: `${base}:meta`, // HASH  counters, next place in line, paused, watched; of the queue, partitions. Stays: it is what the queue is
    plain: `${base}:plain`, // HASH  id → a folded job, as it was added. Expires with the last ended job while nothing waits or runs
    course: `${base}:course`, // HASH  id → how far a folded job has come. The same
    batches: `${base}:batches`, // HASH  batch → what those of its jobs have in common that wait. Lives while any of them does
    job: `${base}:job:`, // HASH  prefix, one a job. Expires once the job has ended
  });
}

/** The channel on which a worker is woken and told of canceled jobs. */
export function workerChannel(keys: JobKeys, worker: string): string {
  return `${keys.idle}:${worker}`;
}

/** The channel on which a watched job's end is published. */
export function jobChannel(keys: JobKeys, id: string): string {
  return keys.job + id;
}
