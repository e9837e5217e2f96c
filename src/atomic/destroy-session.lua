--- End a session, for good.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    id       string    the session
--- @arg    keep_ms  duration  it is remembered for so long that it has ended
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  boolean  whether it was ended, by this call or one before
--- @writes idempotent

local sessions, users = KEYS[1], KEYS[2]
local id, keep_ms, now_given = ARGV[1], ARGV[2], ARGV[3]

--- @include now
--- @include session

local session, why = session_find(sessions, id, now_ms(now_given))
if not session then return why == "destroyed" end
session_end(sessions, users, session.id, session.user, "destroyed", keep_ms)
return true
