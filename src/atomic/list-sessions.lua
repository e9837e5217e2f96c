--- List the sessions of a user, those that lapse last first.
---
--- @key    sessions*  hash  one a session, or what is left of one that has ended
--- @key    users*     zset  one a user: session → expires at, ms
--- @arg    user    string    whose
--- @arg    limit   integer   so many
--- @arg    now     instant?  instead of the server's clock, in tests
--- @reply  {id: string, created_at: instant, touched_at: instant, expires_at: instant}[]
--- @writes none

local sessions, users = KEYS[1], KEYS[2]
local user, limit, now_given = ARGV[1], tonumber(ARGV[2]), ARGV[3]

--- @include now

local now = now_ms(now_given)
local listed = {}
for _, id in ipairs(redis.call("ZREVRANGEBYSCORE", users .. user, "+inf", string.format("(%.0f", now), "LIMIT", 0, limit)) do
  local found = redis.call("HMGET", sessions .. id, "createdAt", "touchedAt", "expiresAt")
  if found[1] then listed[#listed + 1] = { id, tonumber(found[1]), tonumber(found[2]), tonumber(found[3]) } end
end
return listed
