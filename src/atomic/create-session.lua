--- Begin a session.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    id           string    drawn by the caller: the same call sent twice has the same
--- @arg    user         string?   whose it is
--- @arg    idle_ms      duration  it lapses when nobody has asked for it for so long
--- @arg    absolute_ms  duration  it ends after so long
--- @arg    now          instant?  instead of the server's clock, in tests
--- @arg    fields       hash<bytes> its data
--- @reply  "created", session: bytes[], now_ms: instant
--- @reply  "ended"
--- @writes idempotent

local sessions, users = KEYS[1], KEYS[2]
local id, user, idle_ms, absolute_ms, now_given, fields = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

--- @include now
--- @include session

local now = now_ms(now_given)
local key = sessions .. id
-- What is there already is what the first of two calls left, or somebody has ended it since.
local found = redis.call("HMGET", key, "ended", "version")
if found[1] then return { "ended" } end
if not found[2] then
  local session = { id = id, ends_at = now + absolute_ms, user = user }
  redis.call("HSET", key, "createdAt", now, "endsAt", session.ends_at, "version", 1, unpack(ARGV, 7, 6 + 2 * fields))
  if user ~= "" then
    redis.call("HSET", key, "user", user)
    redis.call("ZREMRANGEBYSCORE", users .. user, "-inf", now)
  end
  session_touch(sessions, users, session, now, idle_ms)
end
return { "created", redis.call("HGETALL", key), now }
