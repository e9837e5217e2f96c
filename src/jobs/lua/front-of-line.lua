--- @include by-id
--- @include line-order
--- @include merge-line

--- What is first in line, at least `want` jobs if there are so many. Answers their ids; the line of each that is folded; the place of
--- each that is fresh among the fresh, by its place here; and which of the fresh have left theirs.
local function front_of_line(queue, want)
  local vacant = redis.call("ZCARD", queue.vacant)
  local fresh = redis.call("LRANGE", queue.fresh, 0, want - 1 + math.min(vacant, 1000))
  local ids, places, gone = redis.call("ZRANGE", queue.ready, 0, want - 1), {}, {}
  if #ids + #fresh == 0 then return ids end
  if #fresh > 0 and #ids > 0 then
    local scores = redis.call("ZRANGE", queue.ready, 0, want - 1, "WITHSCORES")
    ids, places = merge(scores, fresh, line_orders(queue, fresh))
  elseif #fresh > 0 then
    ids = fresh
    for place in ipairs(fresh) do places[place] = place end
  end
  if #fresh > 0 and vacant > 0 then gone = by_id(fresh, redis.call("ZMSCORE", queue.vacant, unpack(fresh))) end
  return ids, redis.call("HMGET", queue.plain, unpack(ids)), places, gone
end

--- Takes the first `count` of what is in line out of it.
local function leave_line(queue, count, places)
  local fresh = 0
  for i = 1, count do fresh = places[i] or fresh end
  if fresh > 0 then redis.call("LTRIM", queue.fresh, fresh, -1) end
  if count > fresh then redis.call("ZREMRANGEBYRANK", queue.ready, 0, count - fresh - 1) end
end
