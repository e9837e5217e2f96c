--- @include folded
--- @include forget-lines
--- @include leave-batch

--- Puts a job that is fresh among those that are ready, at its old place. The one that it had stays, vacant, for a turn to pass
--- over: to find it Redis would walk through all of them. Does nothing to a job that is ready.
local function leave_fresh(queue, id, order)
  if redis.call("ZADD", queue.ready, order, id) == 0 then return end
  redis.call("ZADD", queue.vacant, order, id)
  if redis.call("ZCARD", queue.vacant) >= redis.call("LLEN", queue.fresh) then redis.call("UNLINK", queue.fresh, queue.vacant, queue.batches) end
end

--- Gives a job a hash of its own, if it is folded: something happens to it that few jobs see.
local function unfold(queue, id, now)
  local key = queue.job .. id
  if redis.call("EXISTS", key) == 1 then return end
  local fields, expires, order, batch = read_folded(queue, id, now)
  if not fields then return end
  redis.call("HSET", key, unpack(fields))
  forget_lines(queue, { id })
  if expires then redis.call("PEXPIRE", key, expires - now) end
  if order then
    leave_fresh(queue, id, order)
    leave_batch(queue, batch)
  end
end
