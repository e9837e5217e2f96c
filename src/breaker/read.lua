--- How a breaker stands, and what it counted.
---
--- @key    state    hash  how it stands, and the buckets of the window
--- @key    probes   zset  permit → lease end, ms
--- @key    failing  zset  instance → last failure, ms
--- @arg    bucket_ms  duration  how long a bucket of the window is
--- @arg    buckets    integer   how many there are
--- @arg    now        instant?  instead of the server's clock, in tests
--- @reply  {standing: {state: string, generation: integer, left_ms: duration, attempt: integer, now_ms: instant}, calls: integer, failed: integer, slow: integer, probing: integer, passed: integer, refused: integer, reporters: integer}
--- @writes none

local key, probes, failing = KEYS[1], KEYS[2], KEYS[3]
local bucket_ms, buckets, now_given = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

--- @include now
--- @include load
--- @include standing
--- @include totals

local now = now_ms(now_given)
local breaker = load(key, now)
local all = totals(key, now, bucket_ms, buckets)
local probing = redis.call("ZCOUNT", probes, string.format("(%.0f", now), "+inf")
local reporters = redis.call("ZCOUNT", failing, string.format("(%.0f", now - bucket_ms * buckets), "+inf")
return { standing(breaker, now), all.calls, all.failed, all.slow, probing, breaker.passed, breaker.failed, reporters }
