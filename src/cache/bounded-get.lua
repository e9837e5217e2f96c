--- Read a value of a bounded cache, count it, and note that it was used.
---
--- @key    data    hash  key → value
--- @key    index   zset  key → last used, µs
--- @key    expiry  zset  key → expires at, ms
--- @key    stats   hash  hits, misses, evictions, expired, bytes, timed: how many are in expiry
--- @arg    key       string    which
--- @arg    count     boolean   count it as a hit or miss, and as a use
--- @arg    touch_us  integer   a use is noted if the last one noted is so long ago, µs
--- @arg    keep_ms   duration  how long the cache lives when nobody uses it
--- @arg    now       instant?  instead of the server's clock, in tests
--- @reply  bytes?
--- @writes once

local cache = { data = KEYS[1], index = KEYS[2], expiry = KEYS[3], stats = KEYS[4] }
local key, count, touch_us, keep_ms, now_given = ARGV[1], ARGV[2] == "1", tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

--- @include now-us
--- @include drop
--- @include drop-torn
--- @include prolong

local now = now_us(now_given)
local found = redis.call("HGET", cache.data, key)
local ends = redis.call("ZSCORE", cache.expiry, key)

local function note(what)
  redis.call("HINCRBY", cache.stats, what, 1)
  if redis.call("PTTL", cache.stats) < 0 then redis.call("PEXPIRE", cache.stats, keep_ms) end
end

if found and ends and tonumber(ends) * 1000 <= now then
  drop(cache, key)
  note("expired")
  found = false
elseif found and not ends and drop_torn(cache) then
  found = false
end
if not count then return found end
note(found and "hits" or "misses")
if not found then return false end
local used = redis.call("ZSCORE", cache.index, key)
if not used or now - used >= touch_us then
  redis.call("ZADD", cache.index, string.format("%.0f", now), key)
  prolong(cache, now, keep_ms)
end
return found
