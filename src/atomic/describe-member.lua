--- Say something of a member of a leaderboard, or no longer.
---
--- @key    scores*    zset  member → score
--- @key    members*   hash  member → how it is called in scores
--- @key    metadata*  hash  member → metadata
--- @key    distinct*  zset  each score once
--- @key    about*     hash  layout, place
--- @arg    layout     string    order, ranking and ties: "high ordinal earliest"
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    id         string    the member
--- @arg    note       bytes?    its metadata
--- @arg    now        instant?  which period, instead of the one by the server's clock
--- @reply  "described"
--- @reply  "unknown"
--- @reply  "mismatch", stored: string
--- @writes idempotent

local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local layout, each, offset_ms, id, note, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]

--- @include now
--- @include open-board
--- @include board

local period = board_period(each, offset_ms, now_ms(now_given))
local board = open_board(layout, scores .. period, members .. period, metadata .. period, distinct .. period, about .. period)
local stored = board_mismatch(board.about, layout)
if stored then return { "mismatch", stored } end
local name = board_name(board, id)
if not name or not redis.call("ZSCORE", board.scores, name) then return { "unknown" } end
if note == "" then
  redis.call("HDEL", board.metadata, id)
else
  redis.call("HSET", board.metadata, id, note)
  redis.call("PEXPIRE", board.metadata, math.max(1, redis.call("PTTL", board.scores)))
end
return { "described" }
