--- Empty a bounded cache. Its counters stay.
---
--- @key    data    hash  key → value
--- @key    index   zset  key → last used, µs
--- @key    expiry  zset  key → expires at, ms
--- @key    stats   hash  hits, misses, evictions, expired, bytes, timed: how many are in expiry
--- @reply  boolean
--- @writes idempotent

local data, index, expiry, stats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local existed = redis.call("UNLINK", data, index, expiry) > 0
redis.call("HDEL", stats, "bytes", "timed")
return existed and 1 or 0
