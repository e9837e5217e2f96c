--- Say how a member stands, and who stands around it.
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
--- @arg    around     integer   so many before it and as many after it
--- @arg    now        instant?  which period to read, instead of the one by the server's clock
--- @reply  "found", place: integer, total: integer, worse: integer, page: {id: string, rank: integer, score: number, metadata: bytes?}[]
--- @reply  "unknown"
--- @reply  "mismatch", stored: string
--- @writes none

local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local layout, each, offset_ms, id, around, now_given = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]

--- @include now
--- @include open-board
--- @include board-page

local period = board_period(each, offset_ms, now_ms(now_given))
local board = open_board(layout, scores .. period, members .. period, metadata .. period, distinct .. period, about .. period)
local stored = board_mismatch(board.about, layout)
if stored then return { "mismatch", stored } end
local name = board_name(board, id)
local score = name and redis.call("ZSCORE", board.scores, name)
if not score then return { "unknown" } end

local place, total = redis.call("ZRANK", board.scores, name), redis.call("ZCARD", board.scores)
local from = math.max(0, place - around)
local worse = redis.call("ZCOUNT", board.scores, string.format("(%s", score), "+inf")
return { "found", place - from, total, worse, board_page(board, from, place + around - from + 1) }
