--- @include board

--- Forgets that somebody has a score, if nobody has it any more. Only dense ranks need to know.
local function board_left(board, score)
  if board.ranking ~= "dense" or redis.call("ZCOUNT", board.scores, score, score) > 0 then return end
  redis.call("ZREM", board.distinct, string.format("%.17g", score))
end

--- Takes a member off the board.
local function board_drop(board, id, name, score)
  redis.call("ZREM", board.scores, name)
  redis.call("HDEL", board.members, id)
  redis.call("HDEL", board.metadata, id)
  board_left(board, score)
end

--- Gives a member a score that differs from the one it had, if any, and a new place in time with it.
local function board_put(board, id, score, name, old)
  local place = id
  if board.ties ~= "lexicographic" then
    local turn = redis.call("HINCRBY", board.about, "place", 1)
    if board.ties == "latest" then turn = 9007199254740991 - turn end
    place = string.format("%016.0f:", turn) .. id
    if name then redis.call("ZREM", board.scores, name) end
    redis.call("HSET", board.members, id, place)
  end
  redis.call("ZADD", board.scores, score, place)
  if board.ranking == "dense" then redis.call("ZADD", board.distinct, score, string.format("%.17g", score)) end
  if old then board_left(board, old) end
  return place
end

--- Takes the worst off a board that has more than `max` members, up to `limit` of them.
local function board_trim(board, max, limit)
  local worst = redis.call("ZRANGE", board.scores, max, max + limit - 1, "WITHSCORES")
  for i = 1, #worst, 2 do
    local id = board.ties == "lexicographic" and worst[i] or string.sub(worst[i], 18)
    board_drop(board, id, worst[i], tonumber(worst[i + 1]))
  end
end

--- Lets all keys of a board live so long.
local function board_expire(board, ttl_ms)
  local ttl = string.format("%.0f", ttl_ms)
  for _, key in ipairs({ board.scores, board.members, board.metadata, board.distinct, board.about }) do
    redis.call("PEXPIRE", key, ttl)
  end
end
