--- Read members in their order, from a place on.
---
--- @key    scores*    zset  member → score
--- @key    members*   hash  member → how it is called in scores
--- @key    metadata*  hash  member → metadata
--- @key    distinct*  zset  each score once
--- @key    about*     hash  layout, place
--- @arg    layout     string    order, ranking and ties: "high ordinal earliest"
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    from       integer   how many to pass over
--- @arg    limit      integer   how many to read
--- @arg    now        instant?  which period to read, instead of the one by the server's clock
--- @reply  "read", total: integer, page: {id: string, rank: integer, score: number, metadata: bytes?}[]
--- @reply  "mismatch", stored: string
--- @writes none

local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local layout, each, offset_ms, from, limit, now_given =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

--- @include now
--- @include open-board
--- @include board-page

local period = board_period(each, offset_ms, now_ms(now_given))
local board = open_board(layout, scores .. period, members .. period, metadata .. period, distinct .. period, about .. period)
local stored = board_mismatch(board.about, layout)
if stored then return { "mismatch", stored } end
return { "read", redis.call("ZCARD", board.scores), board_page(board, from, limit) }
