--- @include course-status

--- Forgets what is left of ended jobs that had the ids of `new` ones, and went by their TTL: retention would drop the new one for its place
--- among the ended, and a replay put it in line a second time.
local function forget_ended(queue, new)
  local ids = {}
  for id in pairs(new) do ids[#ids + 1] = id end
  if #ids == 0 then return end
  if redis.call("HDEL", queue.plain, unpack(ids)) > 0 then
    for i, line in ipairs(redis.call("HMGET", queue.course, unpack(ids))) do
      -- Its time is up, so it is among the first.
      if is_past(line) then redis.call("LREM", queue.past, 1, ids[i]) end
    end
  end
  redis.call("HDEL", queue.course, unpack(ids))
  redis.call("ZREM", queue.done, unpack(ids))
  redis.call("ZREM", queue.dead, unpack(ids))
end
