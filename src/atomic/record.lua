--- Give members their scores, best or added to, and answer how they stand then.
---
--- @key    scores*    zset  member → score
--- @key    members*   hash  member → how it is called in scores
--- @key    metadata*  hash  member → metadata
--- @key    distinct*  zset  each score once
--- @key    about*     hash  layout, place
--- @arg    layout     string    order, ranking and ties: "high ordinal earliest"
--- @arg    each       string    the period: a calendar unit, milliseconds, or ""
--- @arg    offset_ms  integer   how far the calendar is ahead of UTC
--- @arg    ttl_ms     duration  how long the board lives: from now, or from the end of its period
--- @arg    max        integer   the worst beyond so many members are dropped; 0 for no limit
--- @arg    mode       string    "set", "better" or "add"
--- @arg    now        instant?  instead of the server's clock, in tests
--- @arg    ...entry   {id: string, score: number, metadata: bytes?}  a member
--- @reply  "recorded", standings: {rank: integer?, score: number, previous: number?, changed: boolean}[]
--- @reply  "out-of-range", score: number
--- @reply  "mismatch", stored: string
--- @writes once

local words = ARGV
local scores, members, metadata, distinct, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local layout, each, offset_ms, ttl_ms, max, mode, now_given =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7]

--- @include now
--- @include open-board
--- @include board-write

local now = now_ms(now_given)
local period, over = board_period(each, offset_ms, now)
local board = open_board(layout, scores .. period, members .. period, metadata .. period, distinct .. period, about .. period)
local stored = board_mismatch(board.about, layout)
if stored then return { "mismatch", stored } end

local standings = {}
for at = 8, #words, 3 do
  local id, given, note = words[at], tonumber(words[at + 1]), words[at + 2]
  local score = board.high and 0 - given or given
  local name = board_name(board, id)
  local old = name and tonumber(redis.call("ZSCORE", board.scores, name))
  if mode == "add" then
    -- Nothing is written yet: what is added comes alone.
    if math.abs((old or 0) + score) > 9007199254740991 then return { "out-of-range", board_shown(board, old or 0) } end
    score = (old or 0) + score
  end
  local changed = old ~= score and not (mode == "better" and old and old < score)
  if changed then name = board_put(board, id, score, name, old) end
  if note ~= "" then redis.call("HSET", board.metadata, id, note) end
  standings[#standings + 1] = { name, changed and score or old, old or false, changed }
end
if max > 0 then board_trim(board, max, #standings + 100) end
for index, standing in ipairs(standings) do
  local name, score, old = standing[1], standing[2], standing[3]
  local rank = redis.call("ZSCORE", board.scores, name) and board_rank(board, name, score)
  standings[index] = { rank, board_shown(board, score), old and board_shown(board, old), standing[4] }
end
redis.call("HSET", board.about, "layout", layout)
board_expire(board, over and over - now + ttl_ms or ttl_ms)
return { "recorded", standings }
