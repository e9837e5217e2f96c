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
  /** Ids in order. */
  readonly fresh?: readonly string[];
  readonly vacant?: Readonly<Record<string, number>>;
  readonly scheduled?: Readonly<Record<string, number>>;
  readonly leased?: Readonly<Record<string, number>>;
  readonly dead?: Readonly<Record<string, number>>;
  readonly done?: Readonly<Record<string, number>>;
  readonly idle?: Readonly<Record<string, number>>;
  readonly meta?: Readonly<Record<string, string>>;
  /** The hash of each job, by id. */
  readonly jobs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the hash of each folded job would hold, by id. */
  readonly folded?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
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
  const { fresh = [], jobs = {}, folded = {}, meta = {}, ttl = {}, ...sets } = state;
  const commands: string[][] = fresh.length > 0 ? [["RPUSH", keys.fresh, ...fresh]] : [];
  for (const [set, members] of Object.entries(sets)) {
    for (const [id, score] of Object.entries(members)) commands.push(["ZADD", keys[set as "ready"], String(score), id]);
  }
  for (const [id, fields] of Object.entries(jobs)) commands.push(["HSET", keys.job + id, ...words(fields)]);
  for (const [id, fields] of Object.entries(folded))
    commands.push(["EVAL", fold, "2", keys.plain, keys.course, id, ...words(fields)]);
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
  const state: Record<string, Record<string, unknown>> & { fresh?: string[] } = {};
  for (const name of names) {
    const key = name.slice(base.length);
    const ms = (await redis.send(["PTTL", name], { resend: "ok" })) as number;
    if (ms >= 0) state["ttl"] = { ...state["ttl"], [key]: Math.ceil(ms / 10_000) * 10 };
    if (key === "plain" || key === "course") {
      const jobs = (await redis.send(["EVAL", unfold, "2", keys.plain, keys.course], { resend: "ok" })) as string[][];
      state["folded"] = Object.fromEntries(jobs.map(([id, ...fields]) => [id, Object.fromEntries(pairs(fields))]));
      continue;
    }
    if (key === "fresh") {
      state.fresh = (await redis.send(["LRANGE", name, "0", "-1"], { resend: "ok" })) as string[];
      continue;
    }
    const isHash = key === "meta" || key.startsWith("job:");
    const command = isHash ? ["HGETALL", name] : ["ZRANGE", name, "0", "-1", "WITHSCORES"];
    const content = (await redis.send(command, { resend: "ok" })) as string[];
    const entries = pairs(content).map(([field, value]) => [field, isHash ? value : Number(value)]);
    if (key.startsWith("job:")) state["jobs"] = { ...state["jobs"], [key.slice("job:".length)]: Object.fromEntries(entries) };
    else state[key] = Object.fromEntries(entries);
  }
  return state;
}

/** Writes the lines of a folded job: `plain`, `course`, id, fields. */
const fold = `
  local job = {}
  for i = 2, #ARGV, 2 do job[ARGV[i]] = ARGV[i + 1] end
  redis.call("HSET", KEYS[1], ARGV[1], cmsgpack.pack(job.createdAt, job.maxRetries, job.name, job.order) .. (job.payload or ""))
  local course = job.token and "r" .. cmsgpack.pack(job.token, job.workerId, job.startedAt)
  if job.completedAt then course = "e" .. cmsgpack.pack(job.completedAt, job.expiresAt, job.result or "") .. course end
  if course then redis.call("HSET", KEYS[2], ARGV[1], course) end`;

/** Reads the lines of all folded jobs: id and fields of each, of one that has only one of both what there is. */
const unfold = `
  local jobs, lines = {}, redis.call("HGETALL", KEYS[1])
  local function add(job, names, words)
    for i, name in ipairs(names) do
      job[#job + 1] = name
      job[#job + 1] = words[i]
    end
  end
  local function course_of(id)
    local job, line, at = {}, redis.call("HGET", KEYS[2], id), 0
    if not line then return job end
    if line:sub(1, 1) == "e" then
      local words = { cmsgpack.unpack_limit(line, 3, 1) }
      at = table.remove(words, 1)
      add(job, { "completedAt", "expiresAt", "result" }, words)
    end
    add(job, { "token", "workerId", "startedAt" }, { cmsgpack.unpack(line:sub(at + 2)) })
    return job
  end
  for i = 1, #lines, 2 do
    local words = { cmsgpack.unpack_limit(lines[i + 1], 4) }
    local at = table.remove(words, 1)
    local high, low = words[4]:byte(17, 18)
    words[4] = string.format("%d", tonumber(words[4]:sub(1, 16)) + 256 * (high or 0) + (low or 0))
    local job = course_of(lines[i])
    table.insert(job, 1, lines[i])
    add(job, { "createdAt", "maxRetries", "name", "order" }, words)
    if at > 0 then add(job, { "payload" }, { lines[i + 1]:sub(at + 1) }) end
    jobs[#jobs + 1] = job
  end
  for _, id in ipairs(redis.call("HKEYS", KEYS[2])) do
    if redis.call("HEXISTS", KEYS[1], id) == 0 then jobs[#jobs + 1] = { id, unpack(course_of(id)) } end
  end
  return jobs`;

function words(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
}

function pairs(list: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2] as string, list[index * 2 + 1] as string]);
}
