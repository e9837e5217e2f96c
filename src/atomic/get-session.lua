--- Read a session, and let it live on.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    id        string     the session
--- @arg    idle_ms   duration   it lapses when nobody has asked for it for so long
--- @arg    touch_ms  duration?  not touched again within so long; not at all if left out
--- @arg    now       instant?   instead of the server's clock, in tests
--- @reply  "live", id: string, session: bytes[], now_ms: instant
--- @reply  "ended", why: string
--- @writes idempotent

local sessions, users = KEYS[1], KEYS[2]
local id, idle_ms, touch_ms, now_given = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

--- @include now
--- @include session

local now = now_ms(now_given)
local session, why = session_find(sessions, id, now)
if not session then return { "ended", why } end
if touch_ms and now - session.touched_at >= touch_ms then session_touch(sessions, users, session, now, idle_ms) end
return { "live", session.id, redis.call("HGETALL", sessions .. session.id), now }
