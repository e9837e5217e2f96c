--- @include merge-line

--- The place in line of the one that is `at` so much among the fresh, or was.
local function order_at(queue, at)
  local id = redis.call("LINDEX", queue.fresh, at)
  local left = redis.call("ZSCORE", queue.vacant, id)
  if left then return tonumber(left) end
  local line = redis.call("HGET", queue.plain, id)
  return line and line_order(queue, line, {}) or 0
end

--- How many of a set stand before a place in line.
local function count_before(set, order)
  return redis.call("ZCOUNT", set, "-inf", string.format("(%.0f", order))
end

--- Where among the fresh a page begins that passes over `offset` jobs, and how many of those are ready.
local function find_page(queue, offset)
  local low, high, ready = 0, redis.call("LLEN", queue.fresh), offset
  for _ = 1, 64 do
    if low == high then break end
    local middle = math.floor((low + high) / 2)
    local order = order_at(queue, middle)
    local jobs = middle - count_before(queue.vacant, order)
    if jobs + count_before(queue.ready, order) < offset then
      low = middle + 1
    else
      high, ready = middle, offset - jobs
    end
  end
  if low == redis.call("LLEN", queue.fresh) then ready = offset - (low - redis.call("ZCARD", queue.vacant)) end
  return low, ready
end

--- The ids of up to `count` jobs in line, in order, after the first `offset`.
local function page_of_line(queue, offset, count)
  if count <= 0 then return {} end
  local at, ready = find_page(queue, offset)
  local more = math.min(redis.call("ZCARD", queue.vacant), 1000)
  local fresh, lines, page = {}, {}, {}
  for _, id in ipairs(redis.call("LRANGE", queue.fresh, at, at + count - 1 + more)) do
    if more == 0 or not redis.call("ZSCORE", queue.vacant, id) then
      fresh[#fresh + 1] = id
      lines[#lines + 1] = redis.call("HGET", queue.plain, id)
    end
  end
  local ids = merge(queue, redis.call("ZRANGE", queue.ready, ready, ready + count - 1, "WITHSCORES"), fresh, lines)
  for i = 1, math.min(count, #ids) do page[i] = ids[i] end
  return page
end
