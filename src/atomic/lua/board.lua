--- @include period

--- What the period of a moment adds to the keys of a leaderboard, and when it ends; `all` and nothing if there are no periods.
local function board_period(each, offset_ms, moment)
  if each == "" then return "all", nil end
  local start, over = period_at(each, moment, offset_ms)
  return string.format("%.0f", start), over
end

--- Whether a board was built with another layout (`high ordinal earliest`): then which.
local function board_mismatch(about, layout)
  local stored = redis.call("HGET", about, "layout")
  return stored and stored ~= layout and stored
end

--- What a member is called among the scores: after its place in time, if that breaks ties.
local function board_name(board, id)
  return board.ties == "lexicographic" and id or redis.call("HGET", board.members, id)
end

--- Rank of a member, from 1, by the rule of the board.
local function board_rank(board, name, score)
  if board.ranking == "ordinal" then return redis.call("ZRANK", board.scores, name) + 1 end
  local better = board.ranking == "dense" and board.distinct or board.scores
  return redis.call("ZCOUNT", better, "-inf", string.format("(%.17g", score)) + 1
end

--- The score as the caller knows it: the best is the least inside.
local function board_shown(board, score)
  return string.format("%.17g", board.high and 0 - score or score)
end
