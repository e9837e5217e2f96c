import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";

/** Jobs in one script: half of those that run or are added at once, so that two scripts may be under way. */
const most = 50;
const script = {
  add: `
    local ids = {}
    for i = 1, #ARGV, 2 do ids[#ids + 1] = ARGV[i] end
    redis.call("HINCRBY", KEYS[3], "order", #ids)
    redis.call("HSET", KEYS[1], unpack(ARGV))
    redis.call("RPUSH", KEYS[2], unpack(ids))`,
  step: `
    local now, ids, ended = redis.call("TIME")[1] .. "000", {}, {}
    for i = 3, #ARGV, 2 do ids[#ids + 1] = ARGV[i] end
    if #ids > 0 then
      for i, course in ipairs(redis.call("HMGET", KEYS[5], unpack(ids))) do
        ended[#ended + 1] = ids[i]
        ended[#ended + 1] = ARGV[2 * i + 2] .. "\\n" .. now .. " " .. course
      end
      redis.call("HSET", KEYS[5], unpack(ended))
      redis.call("ZREM", KEYS[3], unpack(ids))
      redis.call("RPUSH", KEYS[4], unpack(ids))
    end
    local next, leases, jobs, claimed = redis.call("LRANGE", KEYS[2], 0, ARGV[1] - 1), {}, {}, {}
    if #next == 0 then return "" end
    local course = ARGV[2] .. " bare " .. now
    for i, line in ipairs(redis.call("HMGET", KEYS[1], unpack(next))) do
      jobs[#jobs + 1] = next[i]
      jobs[#jobs + 1] = line
      claimed[#claimed + 1] = next[i]
      claimed[#claimed + 1] = course
      leases[#leases + 1] = now
      leases[#leases + 1] = next[i]
    end
    redis.call("HSET", KEYS[5], unpack(claimed))
    redis.call("LTRIM", KEYS[2], #next, -1)
    redis.call("ZADD", KEYS[3], unpack(leases))
    return table.concat(jobs, "\\n")`,
};

/**
 * No queue, but the least that one may cost: it writes what redlua writes, in batches as large, and nothing is checked, expires, is
 * tried again or comes back from a worker that died. It says how much faster any queue of such a layout could be.
 *
 * @type {import("./contestant.mjs").Contestant}
 */
export const contestant = {
  title: "bare scripts",
  keeps: "job and result",
  remark:
    "no queue, but the least that one may cost: redlua's lines, lists and set, in batches as large, and nothing is checked or expires",

  async produce({ host, port }, name) {
    const redis = new Redis(port, host);
    const { plain, course, fresh, meta } = keysOf(name);
    const sha = await redis.script("LOAD", script.add);
    const waiting = [];
    let underWay = 0;
    let leaving = false;
    const soon = () => {
      if (leaving || underWay === 2 || waiting.length === 0) return;
      leaving = true;
      setImmediate(leave);
    };
    const leave = async () => {
      const batch = waiting.splice(0, most);
      leaving = false;
      underWay++;
      soon();
      await redis.evalsha(sha, 3, plain, fresh, meta, ...batch.flatMap(({ id, line }) => [id, line]));
      underWay--;
      for (const { id, resolve } of batch) resolve(id);
      soon();
    };
    const add = (payload) =>
      new Promise((resolve) => {
        waiting.push({ id: newId(), line: `send 3\n${JSON.stringify(payload)}`, resolve });
        soon();
      });
    return {
      add,
      addBulk: (payloads) => Promise.all(payloads.map(add)),
      resultOf: async (id) => JSON.parse((await redis.hget(course, id)).split("\n")[0]),
      close: async () => redis.disconnect(),
    };
  },

  async consume({ host, port }, name, concurrency, handler) {
    const redis = new Redis(port, host);
    const { plain, course, fresh, leased, past } = keysOf(name);
    const sha = await redis.script("LOAD", script.step);
    let open = true;
    const work = async (slots) => {
      let finished = [];
      while (open) {
        const words = await redis.evalsha(sha, 5, plain, fresh, leased, past, course, slots, newId(), ...finished);
        const jobs = words === "" ? [] : words.split("\n");
        finished = [];
        // An id, what is known of the job, its payload.
        for (let at = 0; at < jobs.length; at += 3) {
          finished.push(jobs[at], JSON.stringify(await handler(JSON.parse(jobs[at + 2]))));
        }
        await new Promise(setImmediate);
      }
    };
    const half = Math.ceil(concurrency / 2);
    const loops = [work(half), ...(concurrency > half ? [work(concurrency - half)] : [])];
    return {
      close: async () => {
        open = false;
        await Promise.all(loops);
        redis.disconnect();
      },
    };
  },

  countFinished: (name) => ["LLEN", keysOf(name).past],
};

function keysOf(name) {
  const of = (key) => `jobs:{${name}}:${key}`;
  return {
    plain: of("plain"),
    course: of("course"),
    fresh: of("fresh"),
    leased: of("leased"),
    past: of("past"),
    meta: of("meta"),
  };
}

function newId() {
  return randomBytes(16).toString("base64url");
}
