--- Wakes up to `count` idle workers, the last seen first, each by a message on its own channel. One whose message
--- nobody heard is gone, and the next is woken instead; in a cluster, where that cannot be known, `sure` is "0".
local function wake(idle, count, sure)
  local woken = 0
  for _ = 1, 64 do
    if woken >= count then break end
    local worker = redis.call("ZPOPMAX", idle)[1]
    if not worker then break end
    if redis.call("PUBLISH", idle .. ":" .. worker, "wake") > 0 or sure == "0" then woken = woken + 1 end
  end
  return woken
end
