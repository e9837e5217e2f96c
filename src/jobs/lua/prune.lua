--- @include course-status
--- @include forget-lines

--- Drops the first ended jobs of a set, which `ids` are.
local function drop_first(queue, set, ids)
  if #ids == 0 then return end
  local keys = {}
  for index, id in ipairs(ids) do keys[index] = queue.job .. id end
  redis.call("UNLINK", unpack(keys))
  forget_lines(queue, ids)
  redis.call("ZREMRANGEBYRANK", set, 0, #ids - 1)
end

--- Drops the first completed jobs, which `ids` are.
local function drop_completed(queue, ids)
  if #ids == 0 then return end
  forget_lines(queue, ids)
  redis.call("LTRIM", queue.past, #ids, -1)
end

--- Drops up to `limit` ended jobs of a set whose score is `till` or less: their time is up.
local function drop_expired(queue, set, limit, till)
  drop_first(queue, set, redis.call("ZRANGEBYSCORE", set, "-inf", string.format("%.0f", till), "LIMIT", "0", limit))
end

--- Drops up to `limit` completed jobs whose time is up. One whose line somebody took away goes with them.
local function drop_expired_completed(queue, limit, now)
  local first = redis.call("LINDEX", queue.past, 0)
  if not first or (course_end(redis.call("HGET", queue.course, first)) or 0) > now then return end
  local ids, over = redis.call("LRANGE", queue.past, 0, limit - 1), {}
  for i, line in ipairs(redis.call("HMGET", queue.course, unpack(ids))) do
    if (course_end(line) or 0) > now then break end
    over[i] = ids[i]
  end
  drop_completed(queue, over)
end

--- Drops the oldest ended jobs of a set, up to `limit` of those beyond `count`.
local function drop_excess(queue, set, limit, count)
  local excess = math.min(redis.call("ZCARD", set) - count, limit)
  if excess > 0 then drop_first(queue, set, redis.call("ZRANGE", set, 0, excess - 1)) end
end

--- Drops the oldest of the jobs that are completed or canceled, up to `limit` of those beyond `count`.
local function drop_excess_ended(queue, limit, count)
  local listed, others = redis.call("LLEN", queue.past), redis.call("ZCARD", queue.done)
  local excess = math.min(listed + others - count, limit)
  if excess <= 0 then return end
  local ids = redis.call("LRANGE", queue.past, 0, excess - 1)
  if others == 0 then return drop_completed(queue, ids) end
  local scores, lines = redis.call("ZRANGE", queue.done, 0, excess - 1, "WITHSCORES"), {}
  if #ids > 0 then lines = redis.call("HMGET", queue.course, unpack(ids)) end
  local gone, gone_too = {}, {}
  for _ = 1, excess do
    local id, other = ids[#gone + 1], tonumber(scores[2 * #gone_too + 2])
    if id and (not other or (course_end(lines[#gone + 1]) or 0) <= other) then
      gone[#gone + 1] = id
    else
      gone_too[#gone_too + 1] = scores[2 * #gone_too + 1]
    end
  end
  drop_completed(queue, gone)
  drop_first(queue, queue.done, gone_too)
end
