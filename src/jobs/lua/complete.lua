--- @include held-status
--- @include live-on

--- When the leases end of the jobs named in every third of `words`, by id.
local function lease_ends_of(leased, words, first, count)
  local ids, ends = {}, {}
  for i = 0, count - 1 do ids[i + 1] = words[first + 3 * i] end
  for i, score in ipairs(redis.call("ZMSCORE", leased, unpack(ids))) do ends[ids[i]] = score end
  return ends
end

--- Books `count` completed jobs, three of `words` a job from `first` on: id, claim, result. Answers the places, from 1, of
--- those that are not completed now, and what they are instead.
---
--- A lease that ends when its claim said so is still that claim's: the next one comes after its end, and ends later. So one
--- look at all leases spares one at each job, unless the claim's time is over, or it goes `by_token`: somebody waits for a
--- job, which its hash tells, one was canceled while it ran, or this may be the second time that the same is told.
local function complete(queue, now, keep, words, first, count, claims, by_token)
  local refused, ids, done = {}, {}, {}
  if count == 0 then return refused end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have three of them.
  local stamp, expires = string.format("%d", now), string.format("%d", now + keep.completed_ms)
  local ends = by_token and {} or lease_ends_of(queue.leased, words, first, count)
  for i = first, first + 3 * count - 1, 3 do
    local id, claim, result = words[i], claims[words[i + 1]], words[i + 2]
    local key = queue.job .. id
    local status, notify = "in-progress", nil
    if claim.over or ends[id] ~= claim.ends then status, notify = held_status(key, claim.token) end
    if status == "in-progress" then
      ends[id] = nil
      local new = redis.call("HSET", key, "status", "completed", "completedAt", stamp, "lastUpdatedAt", stamp, "result", result)
      if new == 4 then
        -- There was no such hash: somebody deleted it.
        redis.call("DEL", key)
        refused[#refused + 1] = { (i - first) / 3 + 1, "gone" }
      else
        if result == "" then redis.call("HDEL", key, "result") end
        redis.call("PEXPIRE", key, keep.completed_ms)
        done[#done + 1] = expires
        done[#done + 1] = id
        if notify then redis.call("PUBLISH", key, "completed") end
      end
      ids[#ids + 1] = id
    elseif status ~= "completed" then
      refused[#refused + 1] = { (i - first) / 3 + 1, status }
    end
  end
  if #ids > 0 then redis.call("ZREM", queue.leased, unpack(ids)) end
  if #done > 0 then
    redis.call("ZADD", queue.done, unpack(done))
    live_on(queue.done, keep.completed_ms)
    redis.call("HINCRBY", queue.meta, "completed", #done / 2)
  end
  return refused
end
