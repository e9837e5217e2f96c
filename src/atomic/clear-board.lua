--- Forget the whole board of a period.
---
--- @key    scores*    zset  member → score
--- @key    members*   hash  member → how it is called in scores
--- @key    metadata*  hash  member → metadata
--- @key    distinct*  zset  each score once
--- @key    about*     hash  layout, place
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    now        instant?  which period, instead of the one by the server's clock
--- @reply  boolean
--- @writes once

local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local each, offset_ms, now_given = ARGV[1], tonumber(ARGV[2]), ARGV[3]

--- @include now
--- @include board

local period = board_period(each, offset_ms, now_ms(now_given))
return redis.call("UNLINK", scores .. period, members .. period, metadata .. period, distinct .. period, about .. period) > 0
