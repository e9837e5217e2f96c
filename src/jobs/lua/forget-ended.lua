--- @include forget-lines

--- Forgets what is left of ended jobs that had the ids of `new` ones, and went by their TTL: retention would drop the new one for its place
--- among the ended, and a replay put it in line a second time.
local function forget_ended(queue, new)
  local ids = {}
  for id in pairs(new) do ids[#ids + 1] = id end
  if #ids == 0 then return end
  if forget_lines(queue, ids) > 0 then
    -- Its time is up, so it is among the first.
    for _, id in ipairs(ids) do redis.call("LREM", queue.past, 1, id) end
  end
  redis.call("ZREM", queue.done, unpack(ids))
  redis.call("ZREM", queue.dead, unpack(ids))
end
