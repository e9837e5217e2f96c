--- Change fields of a session that lives, if it has the version that is expected.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    id        string    the session
--- @arg    version   integer?  what is expected; any if left out
--- @arg    idle_ms   duration  it lapses when nobody has asked for it for so long
--- @arg    now       instant?  instead of the server's clock, in tests
--- @arg    cleared   string[]  fields to drop
--- @arg    fields    hash<bytes> fields to set
--- @reply  "updated", id: string, session: bytes[], now_ms: instant
--- @reply  "conflict", id: string, session: bytes[], now_ms: instant
--- @reply  "ended", why: string
--- @writes once

local sessions, users = KEYS[1], KEYS[2]
local id, version, idle_ms, now_given, cleared = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

--- @include now
--- @include session

local now = now_ms(now_given)
local session, why = session_find(sessions, id, now)
if not session then return { "ended", why } end
local key = sessions .. session.id
if version and version ~= session.version then return { "conflict", session.id, redis.call("HGETALL", key), now } end
local last = 6 + cleared + 2 * tonumber(ARGV[6 + cleared])
redis.call("HSET", key, "version", session.version + 1, unpack(ARGV, 7 + cleared, last))
if cleared > 0 then redis.call("HDEL", key, unpack(ARGV, 6, 5 + cleared)) end
session_touch(sessions, users, session, now, idle_ms)
return { "updated", session.id, redis.call("HGETALL", key), now }
