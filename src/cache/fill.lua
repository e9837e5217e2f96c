--- Store what was computed, if the lead still holds: whoever invalidated the entry meanwhile took it away.
---
--- @key    value  string  the entry
--- @key    lease  string  token of who computes the value
--- @arg    token     string    the caller's, from the call that gave it the lead
--- @arg    entry     bytes     header and payload
--- @arg    px        duration  how long the key lives: the entry's time and its time as a stale one
--- @arg    absolute  integer   for an entry that reading prolongs: it ends so many ms from now at the latest; otherwise 0
--- @arg    channel   string    where changes are told
--- @arg    message   string    tells that the outcome is there
--- @reply  "stored"
--- @reply  "lost"
--- @writes idempotent

local value, lease = KEYS[1], KEYS[2]
local token, entry, px, absolute, channel, message = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]

--- @include holds
--- @include store

local held = redis.call("GET", lease)
if holds(held, token) then
  store(value, entry, px, absolute)
  redis.call("DEL", lease)
  if held ~= token then redis.call("PUBLISH", channel, message) end
  return { "stored" }
end
-- The reply to the first call was lost: no two entries of a key begin with the same 12 bytes.
if redis.call("GETRANGE", value, 0, 11) == string.sub(entry, 1, 12) then return { "stored" } end
return { "lost" }
