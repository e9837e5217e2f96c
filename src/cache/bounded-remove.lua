--- Take keys out of a bounded cache. Answers how many were there.
---
--- @key    data    hash  key → value
--- @key    index   zset  key → last used, µs
--- @key    expiry  zset  key → expires at, ms
--- @key    stats   hash  hits, misses, evictions, expired, bytes, timed: how many are in expiry
--- @arg    ...keys  string  which
--- @reply  integer
--- @writes idempotent

local cache = { data = KEYS[1], index = KEYS[2], expiry = KEYS[3], stats = KEYS[4] }

--- @include drop

local removed = 0
for i = 1, #ARGV do removed = removed + drop(cache, ARGV[i]) end
return removed
