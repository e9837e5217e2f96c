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
  /** Ids in order, as those that are past. */
  readonly fresh?: readonly string[];
  readonly past?: readonly string[];
  readonly vacant?: Readonly<Record<string, number>>;
  readonly scheduled?: Readonly<Record<string, number>>;
  readonly leased?: Readonly<Record<string, number>>;
  readonly dead?: Readonly<Record<string, number>>;
  readonly done?: Readonly<Record<string, number>>;
  readonly idle?: Readonly<Record<string, number>>;
  readonly meta?: Readonly<Record<string, string>>;
  /** The hash of each job, by id. */
  readonly jobs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By batch: createdAt, the place of the first without a priority, how many wait. */
  readonly batches?: Readonly<Record<string, string>>;
  /** What the hash of each folded job would hold, by id; of one of a batch also which one, and how far it is `behind` the first; `wasFresh` of one that was, when it was claimed. */
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
  const { fresh = [], past = [], jobs = {}, folded = {}, batches = {}, meta = {}, ttl = {}, ...sets } = state;
  const commands: string[][] = [];
  if (fresh.length > 0) commands.push(["RPUSH", keys.fresh, ...fresh]);
  if (past.length > 0) commands.push(["RPUSH", keys.past, ...past]);
  for (const [set, members] of Object.entries(sets)) {
    for (const [id, score] of Object.entries(members)) commands.push(["ZADD", keys[set as "ready"], String(score), id]);
  }
  for (const [id, fields] of Object.entries(jobs)) commands.push(["HSET", keys.job + id, ...words(fields)]);
  for (const [id, fields] of Object.entries(folded))
    commands.push(["EVAL", fold, "2", keys.plain, keys.course, id, ...words(fields)]);
  if (Object.keys(meta).length > 0) commands.push(["HSET", keys.meta, ...words(meta)]);
  if (Object.keys(batches).length > 0) commands.push(["HSET", keys.batches, ...words(batches)]);
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
  const state: Record<string, Record<string, unknown>> & { fresh?: string[]; past?: string[] } = {};
  for (const name of names) {
    const key = name.slice(base.length);
    const ms = (await redis.send(["PTTL", name], { resend: "ok" })) as number;
    if (ms >= 0) state["ttl"] = { ...state["ttl"], [key]: Math.ceil(ms / 10_000) * 10 };
    if (key === "plain" || key === "course") {
      const jobs = (await redis.send(["EVAL", unfold, "3", keys.plain, keys.course, keys.batches], {
        resend: "ok",
      })) as string[][];
      state["folded"] = Object.fromEntries(jobs.map(([id, ...fields]) => [id, Object.fromEntries(pairs(fields))]));
      continue;
    }
    if (key === "fresh" || key === "past") {
      state[key] = (await redis.send(["LRANGE", name, "0", "-1"], { resend: "ok" })) as string[];
      continue;
    }
    const isHash = key === "meta" || key === "batches" || key.startsWith("job:");
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
  local head = not job.batch and cmsgpack.pack(job.createdAt, job.maxRetries, job.name, job.order)
    or string.format("b%s%03d%04d%03d%s", job.batch, job.behind, job.maxRetries, #job.name, job.name)
  redis.call("HSET", KEYS[1], ARGV[1], head .. (job.payload or ""))
  local course = job.token and (job.wasFresh and "f" or "r") .. cmsgpack.pack(job.token, job.workerId, job.startedAt)
  if job.token and job.batch then
    course = course .. cmsgpack.pack(job.createdAt, string.format("%d", job.order - job.behind - 2 ^ 52))
  end
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
    if line:sub(at + 1, at + 1) == "f" then add(job, { "wasFresh" }, { "yes" }) end
    local words = { cmsgpack.unpack(line:sub(at + 2)) }
    add(job, { "token", "workerId", "startedAt" }, words)
    return job, words[4], words[5]
  end
  local function batched(job, line, born, first)
    local batch, behind, retries, length, rest = line:match("^b(" .. ("."):rep(16) .. ")(%d%d%d)(%d%d%d%d)(%d%d%d)(.*)$")
    if not born then born, first = (redis.call("HGET", KEYS[3], batch) or ""):match("^(%d+) (%d+) %d+$") end
    local order = first and string.format("%d", 2 ^ 52 + first + behind)
    add(job, { "batch", "behind", "createdAt", "maxRetries", "name", "order" },
      { batch, tostring(tonumber(behind)), born or "none", tostring(tonumber(retries)), rest:sub(1, tonumber(length)), order or "none" })
    if #rest > tonumber(length) then add(job, { "payload" }, { rest:sub(tonumber(length) + 1) }) end
  end
  for i = 1, #lines, 2 do
    local job, born, first = course_of(lines[i])
    table.insert(job, 1, lines[i])
    if lines[i + 1]:sub(1, 1) == "b" then
      batched(job, lines[i + 1], born, first)
    else
      local words = { cmsgpack.unpack_limit(lines[i + 1], 4) }
      local at = table.remove(words, 1)
      local high, low = words[4]:byte(17, 18)
      words[4] = string.format("%d", tonumber(words[4]:sub(1, 16)) + 256 * (high or 0) + (low or 0))
      add(job, { "createdAt", "maxRetries", "name", "order" }, words)
      if at > 0 then add(job, { "payload" }, { lines[i + 1]:sub(at + 1) }) end
    end
    jobs[#jobs + 1] = job
  end
  for _, id in ipairs(redis.call("HKEYS", KEYS[2])) do
    if redis.call("HEXISTS", KEYS[1], id) == 0 then jobs[#jobs + 1] = { id, unpack((course_of(id))) } end
  end
  return jobs`;

function words(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
}

function pairs(list: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2] as string, list[index * 2 + 1] as string]);
}
