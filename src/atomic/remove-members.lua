--- Take members off a leaderboard.
---
--- @key    scores*    zset  member → score
--- @key    members*   hash  member → how it is called in scores
--- @key    metadata*  hash  member → metadata
--- @key    distinct*  zset  each score once
--- @key    about*     hash  layout, place
--- @arg    layout     string    order, ranking and ties: "high ordinal earliest"
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    now        instant?  which period, instead of the one by the server's clock
--- @arg    ...id      string    the members
--- @reply  "removed", count: integer
--- @reply  "mismatch", stored: string
--- @writes once

local words = ARGV
local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local layout, each, offset_ms, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

--- @include now
--- @include open-board
--- @include board-write

local period = board_period(each, offset_ms, now_ms(now_given))
local board = open_board(layout, scores .. period, members .. period, metadata .. period, distinct .. period, about .. period)
local stored = board_mismatch(board.about, layout)
if stored then return { "mismatch", stored } end

local count = 0
for at = 5, #words do
  local name = board_name(board, words[at])
  local score = name and redis.call("ZSCORE", board.scores, name)
  if score then
    board_drop(board, words[at], name, tonumber(score))
    count = count + 1
  end
end
return { "removed", count }
