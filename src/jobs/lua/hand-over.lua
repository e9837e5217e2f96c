--- @include wake

--- Wakes one idle worker if something waits for it, or will be due before it looks by itself (after 30 s): the worker that
--- would have seen to it is busy now. Each that is woken and has its hands full wakes the next.
local function hand_over(queue, idle, now, sure)
  if redis.call("ZCARD", idle) == 0 then return end
  local due = tonumber(redis.call("ZRANGE", queue.scheduled, 0, 0, "WITHSCORES")[2] or math.huge)
  if due < now + 30000 or redis.call("ZCARD", queue.ready) + redis.call("LLEN", queue.fresh) > 0 then wake(idle, 1, sure) end
end
