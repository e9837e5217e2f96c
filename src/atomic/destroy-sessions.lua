--- End up to so many sessions of a user.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    user     string    whose
--- @arg    except   string    a session that stays, if it is one of them; "" for none
--- @arg    limit    integer   so many at a time
--- @arg    keep_ms  duration  they are remembered for so long to have ended
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {ended: integer, more: boolean}
--- @writes once

local sessions, users = KEYS[1], KEYS[2]
local user, except, limit, keep_ms, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

--- @include now
--- @include session

local now = now_ms(now_given)
-- Whoever stays may not have heard of its new id yet.
local stays = except ~= "" and session_find(sessions, except, now)
redis.call("ZREMRANGEBYSCORE", users .. user, "-inf", now)
local ended = 0
local ids = redis.call("ZRANGE", users .. user, 0, limit)
for _, id in ipairs(ids) do
  if not stays or id ~= stays.id then
    session_end(sessions, users, id, user, "destroyed", keep_ms)
    ended = ended + 1
  end
end
return { ended, #ids > limit }
