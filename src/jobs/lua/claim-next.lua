--- @include add-leases
--- @include claim-hash
--- @include front-of-line
--- @include leave-batch
--- @include open-batch

--- Gives a worker up to `want` jobs from the front of the line, each under a lease. Answers their ids, a line of each as it was, and
--- when each was created that is of a batch. The line of a plain job is as if it were folded. One that has more to it (`more`), or was
--- claimed before (`token`), has its whole hash, which costs twice as much. What is more than 4 MiB of payloads, with the `bytes`
--- that go out already, stays in line, and it answers that it does: so much may not arrive in time, and would be asked for again
--- for ever.
local function claim_next(queue, now, want, worker, token, lease_ms, bytes)
  local ids, told, births, leased, folded, vacated, open = {}, {}, {}, {}, {}, {}, {}
  if want == 0 then return ids, told, births, false end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have four of them.
  local stamp, lease_end = string.format("%d", now), string.format("%d", now + lease_ms)
  local next, lines, places, gone = front_of_line(queue, want)
  if #next == 0 then return ids, told, births, false end
  local claim, taken = cmsgpack.pack(token, worker, stamp), 0
  local of_ready, of_fresh = "r" .. claim, "f" .. claim
  local last, batch
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
      local course, head = places[i] and of_fresh or of_ready, line:sub(1, 17)
      -- Those of a batch follow each other.
      if head ~= last then last, batch = head, open_batch(queue, open, line, of_fresh) end
      if batch then
        batch.waiting = batch.waiting - 1
        course, born = batch.course, batch.born
      end
      folded[#folded + 1] = id
      folded[#folded + 1] = course
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
