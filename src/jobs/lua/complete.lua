--- @include held-status
--- @include course-status
--- @include end-hash
--- @include lease-ends
--- @include live-on
--- @include packed-head
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
  local refused, told, left, done, folded, completed = {}, {}, {}, {}, {}, {}
  if count == 0 then return refused end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have three of them.
  local stamp, expires = string.format("%d", now), string.format("%d", now + keep.completed_ms)
  local ids, head = every_third(words, first, count), "e" .. cmsgpack.pack(stamp, expires)
  local lines = redis.call("HMGET", queue.course, unpack(ids))
  local ends = by_token and {} or lease_ends(queue, ids, lines)
  for place, id in ipairs(ids) do
    local claim, result = claims[words[first + 3 * place - 2]], words[first + 3 * place - 1]
    local line, status, notify, fresh = lines[place], "in-progress", nil, false
    if told[id] then
      status = told[id] == claim.token and "completed" or "lost"
    elseif line then
      status, fresh = course_status(line, claim.packed)
    elseif claim.over or ends[place] ~= claim.ends then
      status, notify = held_status(queue.job .. id, claim.token)
      if status == "gone" and redis.call("HEXISTS", queue.plain, id) == 1 then status = "lost" end
    end
    if status == "in-progress" then
      if line and fits_line(result) then
        folded[#folded + 1] = id
        folded[#folded + 1] = head .. packed_head(#result) .. result .. line
        status = "completed"
      else
        if line then unfold(queue, id, now) end
        status, fresh = end_hash(queue.job .. id, keep, stamp, result, notify), false
      end
      told[id] = claim.token
      left[#left + 1] = id
      if fresh and status == "completed" then
        completed[#completed + 1] = id
      elseif status == "completed" then
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
  end
  if #completed > 0 then
    redis.call("RPUSH", queue.past, unpack(completed))
    live_on(queue.past, keep.completed_ms)
  end
  if #done + #completed > 0 then redis.call("HINCRBY", queue.meta, "completed", #done / 2 + #completed) end
  return refused
end
