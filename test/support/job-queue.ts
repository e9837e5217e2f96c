import { randomUUID } from "node:crypto";
import type { RedisPort } from "redlua/client";
import { JobStore, type JobStoreOptions } from "redlua/jobs";

/**
 * All that Redis has of a queue; what is empty is left out. Its shape is what a test writes down.
 *
 * @public
 */
export interface QueueState {
  readonly ready?: Readonly<Record<string, number>>;
  readonly scheduled?: Readonly<Record<string, number>>;
  readonly leased?: Readonly<Record<string, number>>;
  readonly dead?: Readonly<Record<string, number>>;
  readonly done?: Readonly<Record<string, number>>;
  readonly idle?: Readonly<Record<string, number>>;
  readonly meta?: Readonly<Record<string, string>>;
  /** The hash of each job, by id. */
  readonly jobs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Seconds until a key expires, up to the next ten, since a test takes its time: `{ done: 3600, "job:a": 3600 }`. */
  readonly ttl?: Readonly<Record<string, number>>;
}

/**
 * When every test of a state takes place, in milliseconds since 1970.
 *
 * @public
 */
export const noon = 1_700_000_000_000;

/**
 * A store over a queue of its own, whose clock stands at `clock.now`.
 *
 * @public
 */
export function storeAt(redis: RedisPort, clock: { now: number } = { now: noon }, options: JobStoreOptions = {}): JobStore {
  return new JobStore(redis, `q-${randomUUID()}`, { now: () => clock.now, ...options });
}

/**
 * Where a job stands in line: lines are 2^42 places long.
 *
 * @public
 */
export function placeInLine(place: number, priority = 0): number {
  return (priority + 1024) * 2 ** 42 + place;
}

/**
 * Puts a state in place.
 *
 * @public
 */
export async function seed(store: JobStore, state: QueueState): Promise<void> {
  const { redis, keys } = store;
  const { jobs = {}, meta = {}, ttl = {}, ...sets } = state;
  const commands: string[][] = [];
  for (const [set, members] of Object.entries(sets)) {
    for (const [id, score] of Object.entries(members)) commands.push(["ZADD", keys[set as "ready"], String(score), id]);
  }
  for (const [id, fields] of Object.entries(jobs)) commands.push(["HSET", keys.job + id, ...words(fields)]);
  if (Object.keys(meta).length > 0) commands.push(["HSET", keys.meta, ...words(meta)]);
  for (const [key, seconds] of Object.entries(ttl)) {
    commands.push(["PEXPIRE", keys.job.replace(/job:$/, key), String(seconds * 1_000)]);
  }
  await redis.batch(commands, { resend: "never" });
}

/**
 * Reads the whole state: every key of the queue, and how long each lives.
 *
 * @public
 */
export async function stateOf({ redis, keys }: JobStore): Promise<QueueState> {
  const base = keys.job.slice(0, -"job:".length);
  const names = ((await redis.send(["KEYS", `${base}*`], { resend: "ok" })) as string[]).sort();
  const state: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    const key = name.slice(base.length);
    const isHash = key === "meta" || key.startsWith("job:");
    const command = isHash ? ["HGETALL", name] : ["ZRANGE", name, "0", "-1", "WITHSCORES"];
    const content = (await redis.send(command, { resend: "ok" })) as string[];
    const entries = pairs(content).map(([field, value]) => [field, isHash ? value : Number(value)]);
    if (key.startsWith("job:")) state["jobs"] = { ...state["jobs"], [key.slice("job:".length)]: Object.fromEntries(entries) };
    else state[key] = Object.fromEntries(entries);
    const ms = (await redis.send(["PTTL", name], { resend: "ok" })) as number;
    if (ms >= 0) state["ttl"] = { ...state["ttl"], [key]: Math.ceil(ms / 10_000) * 10 };
  }
  return state;
}

function words(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
}

function pairs(list: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2] as string, list[index * 2 + 1] as string]);
}
