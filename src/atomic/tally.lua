--- Count the members of a leaderboard whose scores lie within bounds.
---
--- @key    scores*    zset      member → score
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    least      number?   lower bound, as it is inside
--- @arg    most       number?   upper bound, as it is inside
--- @arg    now        instant?  which period to read, instead of the one by the server's clock
--- @reply  integer
--- @writes none

local scores = KEYS[1]
local each, offset_ms, least, most, now_given = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]

--- @include now
--- @include board

local period = board_period(each, offset_ms, now_ms(now_given))
return redis.call("ZCOUNT", scores .. period, least == "" and "-inf" or least, most == "" and "+inf" or most)
