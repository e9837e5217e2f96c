/**
 * The script that stands for scripts: the clock, two hash commands, a sorted set, JSON, and a nested reply. It is the one by which
 * engines were compared before this one was written.
 */
const body = (now, decode) => `
local now = ${now}
local seen = redis.call('HGET', KEYS[1], 'seen')
redis.call('HSET', KEYS[1], 'seen', ARGV[1], 'at', now)
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, 10)
redis.call('ZREM', KEYS[2], ARGV[1])
local user = ${decode}
return { seen, due, { user, #due } }
`;

export const script = body("tonumber(redis.call('TIME')[1])", "cjson.decode(ARGV[3]).name");

/** Without TIME and cjson, which ioredis-mock does not have. */
export const reduced = body("1700000000", "ARGV[3]");

/** The arguments of the n-th call. */
export function argumentsOf(n) {
  return ["{bench}:hash", "{bench}:line", `member:${n % 64}`, String(n % 64), '{"id":7,"name":"ann","tags":["a","b"]}'];
}

/** Whether a reply is what the script answers: a benchmark of wrong answers is none. */
export function check(reply, name) {
  const [, due, [user, count]] = reply;
  if (!Array.isArray(due) || due.length !== 1 || count !== 1 || user !== name)
    throw new Error(`A wrong answer: ${JSON.stringify(reply)}`);
}
