--- Make room in a bounded cache whose limits were lowered, or that one large value overfilled.
---
--- @key    data    hash  key → value
--- @key    index   zset  key → last used, µs
--- @key    expiry  zset  key → expires at, ms
--- @key    stats   hash  hits, misses, evictions, expired, bytes, timed: how many are in expiry
--- @arg    entries  integer   at most so many
--- @arg    bytes    integer   at most so many bytes of keys and values; 0 for no limit
--- @arg    limit    integer   take out at most so many now
--- @arg    now      instant?  instead of the server's clock, in tests
--- @reply  {evicted: integer, more: boolean}
--- @writes idempotent

local cache = { data = KEYS[1], index = KEYS[2], expiry = KEYS[3], stats = KEYS[4] }
local entries, bytes, limit, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

--- @include now-us
--- @include drop
--- @include trim

local evicted, more = trim(cache, now_us(now_given), entries, bytes, limit, drop)
return { evicted, more and 1 or 0 }
