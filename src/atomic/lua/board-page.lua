--- @include board

--- Reads `count` members from a place on, 0 being the best: id, rank, score, metadata of each.
local function board_page(board, from, count)
  local names = count > 0 and redis.call("ZRANGE", board.scores, from, from + count - 1, "WITHSCORES") or {}
  local ids, page = {}, {}
  for i = 1, #names, 2 do ids[#ids + 1] = board.ties == "lexicographic" and names[i] or string.sub(names[i], 18) end
  if #ids == 0 then return page end
  local metadata = redis.call("HMGET", board.metadata, unpack(ids))
  local rank = board_rank(board, names[1], tonumber(names[2]))
  for i = 1, #ids do
    local score = tonumber(names[2 * i])
    if i > 1 and (board.ranking == "ordinal" or score ~= tonumber(names[2 * i - 2])) then
      rank = board.ranking == "dense" and rank + 1 or from + i
    end
    page[i] = { ids[i], rank, board_shown(board, score), metadata[i] }
  end
  return page
end
