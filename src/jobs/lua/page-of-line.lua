--- @include merge-line
--- @include read-job

-- A line has a `list` of ids, whose `orders` a function tells, those of it that have left and are `vacant`, if that happens, and a `set`
-- of others, whose scores are theirs.

--- The order of the one that is `at` so much in the list, or was.
local function order_at(queue, line, at)
  local id = redis.call("LINDEX", line.list, at)
  local left = line.vacant and redis.call("ZSCORE", line.vacant, id)
  return left and tonumber(left) or line.orders(queue, { id })[1]
end

--- How many of a set stand before an order.
local function count_before(set, order)
  return set and redis.call("ZCOUNT", set, "-inf", string.format("(%.0f", order)) or 0
end

--- How many have left their places in the list.
local function count_vacant(line)
  return line.vacant and redis.call("ZCARD", line.vacant) or 0
end

--- How many are in the line.
local function count_line(line)
  return redis.call("ZCARD", line.set) + redis.call("LLEN", line.list) - count_vacant(line)
end

--- Where in the list a page begins that passes over `offset` jobs, and how many of those are in the set.
local function find_page(queue, line, offset)
  local low, high, others = 0, redis.call("LLEN", line.list), offset
  for _ = 1, 64 do
    if low == high then break end
    local middle = math.floor((low + high) / 2)
    local order = order_at(queue, line, middle)
    local jobs = middle - count_before(line.vacant, order)
    if jobs + count_before(line.set, order) < offset then
      low = middle + 1
    else
      high, others = middle, offset - jobs
    end
  end
  if low == redis.call("LLEN", line.list) then others = offset - (low - count_vacant(line)) end
  return low, others
end

--- The ids of up to `count` jobs of a line, in order, after the first `offset`.
local function page_of_line(queue, line, offset, count)
  if count <= 0 then return {} end
  local at, others = find_page(queue, line, offset)
  local more = math.min(count_vacant(line), 1000)
  local listed, orders, page = {}, {}, {}
  for _, id in ipairs(redis.call("LRANGE", line.list, at, at + count - 1 + more)) do
    if more == 0 or not redis.call("ZSCORE", line.vacant, id) then listed[#listed + 1] = id end
  end
  if #listed > 0 then orders = line.orders(queue, listed) end
  local ids = merge(redis.call("ZRANGE", line.set, others, others + count - 1, "WITHSCORES"), listed, orders)
  for i = 1, math.min(count, #ids) do page[i] = ids[i] end
  return page
end

--- A page of the jobs of a line, from the end if `reverse` is "1": how many there are in all, and the `fields` of each.
local function read_page(queue, line, offset, limit, reverse, now, fields)
  local total = count_line(line)
  local first, last = offset, math.min(offset + limit, total)
  if reverse == "1" then first, last = math.max(0, total - offset - limit), total - offset end
  local ids, jobs = page_of_line(queue, line, first, last - first), {}
  for i, id in ipairs(ids) do jobs[i] = read_job(queue, id, now, fields) end
  if reverse == "1" then
    for i = 1, math.floor(#jobs / 2) do jobs[i], jobs[#jobs + 1 - i] = jobs[#jobs + 1 - i], jobs[i] end
  end
  return { total, jobs }
end
