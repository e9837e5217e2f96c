--- Add to a number, within a bound, and see to it that it expires.
---
--- Redis adds with 64 bits and Lua with 53, so it is Redis that adds; what goes past the bound is put back before anyone sees it.
---
--- @key    number    string    the number
--- @arg    by        bigint    how much to add
--- @arg    ttl_ms    duration  for a number that is new, or that has no TTL
--- @arg    bound     bigint?   not to be passed in the direction of by
--- @arg    saturate  boolean   go up to the bound where by is too much; otherwise add nothing
--- @reply  {before: bigint, after: bigint, ttl_ms: duration}
--- @writes once

local number = KEYS[1]
local by, ttl_ms, bound, saturate = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

--- @include compare-integers

local before = redis.call("GET", number)
local added = redis.pcall("INCRBY", number, by)
local overflow = type(added) == "table"
if overflow and (bound == "" or not string.find(added.err, "overflow", 1, true)) then return added end
local after = not overflow and redis.call("GET", number)
local direction = string.sub(by, 1, 1) == "-" and -1 or 1
if bound ~= "" and (overflow or compare_integers(after, bound) == direction) then
  local was = before or "0"
  -- A number that is past the bound already stays where it is: it is never drawn back.
  after = saturate == "1" and compare_integers(was, bound) == -direction and bound or was
  if before or after ~= was then
    redis.call("SET", number, after, "KEEPTTL")
  else
    redis.call("DEL", number)
  end
end
local left = redis.call("PTTL", number)
if left == -1 then
  redis.call("PEXPIRE", number, ttl_ms)
  left = tonumber(ttl_ms)
end
return { before or "0", after, math.max(0, left) }
