--- @include claim-reply
--- @include front-of-line
--- @include leave-batch

--- Adds leases, `score` and id in turn. Redis keeps a sorted set of up to 128 short members as a list, and walks it for each one
--- that comes or goes: 1.7 µs a job at 100 at once. A long member turns it into a skip list for as long as it is not empty.
local function add_leases(leased, score, leases)
  local many = #leases >= 32 and redis.call("EXISTS", leased) == 0
  if many then redis.call("ZADD", leased, score, string.rep("-", 65)) end
  redis.call("ZADD", leased, unpack(leases))
  if many then redis.call("ZREM", leased, string.rep("-", 65)) end
end

--- Claims a job that has a hash. Answers the line that tells of it, and how many bytes of payload; none if there is no such job.
local function claim_hash(key, id, worker, token, stamp)
  local job = redis.call("HMGET", key, "createdAt", "maxRetries", "name", "order", "payload", "token", "more")
  if not job[1] then return end
  local line
  if job[6] or job[7] then
    line = whole(redis.call("HGETALL", key))
    if redis.call("HGET", key, "notify") == "2" then redis.call("PUBLISH", key, "in-progress") end
  else
    line = cmsgpack.pack(unpack(job, 1, 4)) .. (job[5] or "")
  end
  redis.call("HSET", key, "status", "in-progress", "workerId", worker, "token", token, "startedAt", stamp, "lastUpdatedAt", stamp)
  return line, #(job[5] or "")
end

--- The batch of a line that is claimed, `open` those of this turn: what of it is in the lines of its course, and how many of it wait.
local function batch_in(queue, open, line)
  local batch = batch_of(line)
  if batch and not open[batch] then
    local born, first, waiting = read_batch(queue, batch)
    open[batch] = { born = born or "0", first = first or "0", waiting = tonumber(waiting or 0) }
  end
  return open[batch]
end

--- Gives a worker up to `want` jobs from the front of the line, each under a lease. Answers their
--- ids, a line of each as it was, and when it was created if it is of a batch: the line of a plain job is as if it were folded. One that has more to it
--- (`more`), or was claimed before (`token`), has its whole hash, which costs twice as much. What is more than 4 MiB
--- of payloads, with the `bytes` that go out already, stays in line, and it answers that it does: so much may not arrive in time,
--- and would be asked for again for ever.
local function claim_next(queue, now, want, worker, token, lease_ms, bytes)
  local ids, told, births, leased, folded, vacated, open = {}, {}, {}, {}, {}, {}, {}
  if want == 0 then return ids, told, births, false end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have four of them.
  local stamp, lease_end = string.format("%d", now), string.format("%d", now + lease_ms)
  local next, lines, places, gone = front_of_line(queue, want)
  if #next == 0 then return ids, told, births, false end
  local course, taken = "r" .. cmsgpack.pack(token, worker, stamp), 0
  for i, id in ipairs(next) do
    local line, size, born = lines[i], nil, ""
    local vacant = places[i] and (gone[id] or not line)
    if not vacant and (bytes > 4194304 or #ids == want) then break end
    taken = i
    if vacant then
      -- Its place is left once: the job of this id that comes next may be another.
      gone[id], line = nil, nil
      vacated[#vacated + 1] = id
    elseif line then
      size = #line
      local of, batch = course, batch_in(queue, open, line)
      if batch then
        batch.course = batch.course or course .. cmsgpack.pack(batch.born, batch.first)
        batch.waiting = batch.waiting - 1
        of, born = batch.course, batch.born
      end
      folded[#folded + 1] = id
      folded[#folded + 1] = of
    else
      line, size = claim_hash(queue.job .. id, id, worker, token, stamp)
    end
    if line then
      bytes = bytes + size
      ids[#ids + 1] = id
      told[#told + 1] = line
      births[#births + 1] = born
      leased[#leased + 1] = lease_end
      leased[#leased + 1] = id
    end
  end
  if #folded > 0 then redis.call("HSET", queue.course, unpack(folded)) end
  for name, batch in pairs(open) do write_batch(queue, name, batch.born, batch.first, batch.waiting) end
  leave_line(queue, taken, places)
  if #vacated > 0 then redis.call("ZREM", queue.vacant, unpack(vacated)) end
  if #leased > 0 then add_leases(queue.leased, lease_end, leased) end
  return ids, told, births, #ids < want and (taken < #next or #vacated > 0)
end
