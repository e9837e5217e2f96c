--- Read the counters of a bounded cache.
---
--- @key    index   zset  key → last used, µs
--- @key    stats   hash  hits, misses, evictions, expired, bytes
--- @reply  {entries: integer, bytes: integer?, hits: integer?, misses: integer?, evictions: integer?, expired: integer?}
--- @writes none

local index, stats = KEYS[1], KEYS[2]

local counts = redis.call("HMGET", stats, "bytes", "hits", "misses", "evictions", "expired")
return { redis.call("ZCARD", index), counts[1], counts[2], counts[3], counts[4], counts[5] }
