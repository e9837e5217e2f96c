--- @include by-id
--- @include held-status
--- @include course-status
--- @include end-hash
--- @include live-on
--- @include unfold

--- The ids that are every third of `words`, `count` of them from `first` on.
local function every_third(words, first, count)
  local ids = {}
  for i = 1, count do ids[i] = words[first + 3 * i - 3] end
  return ids
end

--- Books `count` completed jobs, three of `words` a job from `first` on: id, claim, result. Answers the places, from 1, of
--- those that are not completed now, and what they are instead.
---
--- The line of a folded job tells who holds it. Of one that has a hash, a lease that ends when its claim said so is still that claim's:
--- the next one comes after its end, and ends later. So one look at all leases spares one at each job, unless the claim's time is
--- over, or it goes `by_token`: somebody waits for a job, which its hash tells, one was canceled while it ran, or this may be the
--- second time that the same is told.
local function complete(queue, now, keep, words, first, count, claims, by_token)
  local refused, told, left, done, folded = {}, {}, {}, {}, {}
  if count == 0 then return refused end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have three of them.
  local stamp, expires = string.format("%d", now), string.format("%d", now + keep.completed_ms)
  local ids, head = every_third(words, first, count), "e" .. cmsgpack.pack(stamp, expires)
  local line_of = by_id(ids, redis.call("HMGET", queue.course, unpack(ids)))
  local ends = {}
  if not by_token and some_have_none(ids, line_of) then ends = by_id(ids, redis.call("ZMSCORE", queue.leased, unpack(ids))) end
  for place, id in ipairs(ids) do
    local claim, result = claims[words[first + 3 * place - 2]], words[first + 3 * place - 1]
    local line, status, notify = line_of[id], "in-progress", nil
    if told[id] then
      status = told[id] == claim.token and "completed" or "lost"
    elseif line then
      status = course_status(line, claim.head)
    elseif claim.over or ends[id] ~= claim.ends then
      status, notify = held_status(queue.job .. id, claim.token)
      if status == "gone" and redis.call("HEXISTS", queue.plain, id) == 1 then status = "lost" end
    end
    if status == "in-progress" then
      if line and fits_line(result) then
        folded[#folded + 1] = id
        folded[#folded + 1] = head .. cmsgpack.pack(result) .. line
        status = "completed"
      else
        if line then unfold(queue, id, now) end
        status = end_hash(queue.job .. id, keep, stamp, result, notify)
      end
      told[id] = claim.token
      left[#left + 1] = id
      if status == "completed" then
        done[#done + 1] = expires
        done[#done + 1] = id
      end
    end
    if status ~= "completed" then refused[#refused + 1] = { place, status } end
  end
  if #folded > 0 then redis.call("HSET", queue.course, unpack(folded)) end
  if #left > 0 then redis.call("ZREM", queue.leased, unpack(left)) end
  if #done > 0 then
    redis.call("ZADD", queue.done, unpack(done))
    live_on(queue.done, keep.completed_ms)
    redis.call("HINCRBY", queue.meta, "completed", #done / 2)
  end
  return refused
end
