--- @include folded

--- The place in line of a folded job that waits. What somebody spoilt comes first: then it is soon seen. `firsts` keeps the first
--- places of batches that were looked up.
local function line_order(queue, plain, firsts)
  local batch = batch_of(plain)
  if not batch then
    local reads, _, _, _, _, word = pcall(cmsgpack.unpack_limit, plain, 4)
    return reads and type(word) == "string" and read_order(word) or 0
  end
  if not firsts[batch] then
    local _, first = read_batch(queue, batch)
    firsts[batch] = first or "0"
  end
  return batched_order(firsts[batch], plain:sub(18, 20))
end

--- The places in line of folded jobs that wait, by their ids. What has no line is passed over soon: it comes first.
local function line_orders(queue, ids)
  local orders, firsts = {}, {}
  for i, line in ipairs(redis.call("HMGET", queue.plain, unpack(ids))) do
    orders[i] = line and line_order(queue, line, firsts) or 0
  end
  return orders
end
