--- Store a value in a bounded cache, and make room for it.
---
--- @key    data    hash  key → value
--- @key    index   zset  key → last used, µs
--- @key    expiry  zset  key → expires at, ms
--- @key    stats   hash  hits, misses, evictions, expired, bytes, timed: how many are in expiry
--- @arg    key      string    which
--- @arg    value    bytes     what
--- @arg    ttl_ms   duration  how long it lives; 0 until it is evicted
--- @arg    entries  integer   at most so many
--- @arg    bytes    integer   at most so many bytes of keys and values; 0 for no limit
--- @arg    limit    integer   take out at most so many now
--- @arg    keep_ms  duration  how long the cache lives when nobody uses it
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {evicted: integer, more: boolean}
--- @writes once

local cache = { data = KEYS[1], index = KEYS[2], expiry = KEYS[3], stats = KEYS[4] }
local key, value, ttl_ms, entries, bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local limit, keep_ms, now_given = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]

--- @include now-us
--- @include drop
--- @include drop-torn
--- @include trim
--- @include prolong

local now = now_us(now_given)
drop_torn(cache)
local grown = #value - redis.call("HSTRLEN", cache.data, key)
if redis.call("HSET", cache.data, key, value) == 1 then grown = grown + #key end
redis.call("HINCRBY", cache.stats, "bytes", grown)
redis.call("ZADD", cache.index, string.format("%.0f", now), key)
local timed
if ttl_ms > 0 then
  timed = redis.call("ZADD", cache.expiry, string.format("%.0f", math.floor(now / 1000) + ttl_ms), key)
else
  timed = -redis.call("ZREM", cache.expiry, key)
end
if timed ~= 0 then redis.call("HINCRBY", cache.stats, "timed", timed) end
local evicted, more = trim(cache, now, entries, bytes, limit, drop)
prolong(cache, now, keep_ms)
return { evicted, more and 1 or 0 }
