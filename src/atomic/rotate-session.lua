--- Give a session another id. The old one is honored for a while, for what is under way.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    id        string    the session
--- @arg    next      string    its new id, drawn by the caller: the same call sent twice has the same
--- @arg    grace_ms  duration  how long the old id is honored
--- @arg    keep_ms   duration  it is remembered for so long after that
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  "live", id: string, session: bytes[], now_ms: instant
--- @reply  "ended", why: string
--- @writes idempotent

local sessions, users = KEYS[1], KEYS[2]
local id, next, grace_ms, keep_ms, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

--- @include now
--- @include session

local now = now_ms(now_given)
local session, why = session_find(sessions, id, now)
if not session then return { "ended", why } end
-- An id that was given up already, by a call at the same time or by this one before its reply was lost, is given up once.
local live = session.id
if live == id then
  local old = sessions .. id
  redis.call("RENAME", old, sessions .. next)
  redis.call("HSET", old, "ended", "rotated", "next", next, "honoredUntil", now + grace_ms)
  redis.call("PEXPIRE", old, grace_ms + keep_ms)
  if session.user then redis.call("ZREM", users .. session.user, id) end
  session_list(users, session.user, next, now, session.expires_at)
  live = next
end
return { "live", live, redis.call("HGETALL", sessions .. live), now }
