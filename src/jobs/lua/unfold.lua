--- @include folded
--- @include forget-lines
--- @include leave-batch

--- Puts a job that is fresh among those that are ready, at its old place. The one that it had stays, vacant, for a turn to pass
--- over: to find it Redis would walk through all of them. Does nothing to a job that is ready.
local function leave_fresh(queue, id, order)
  if redis.call("ZADD", queue.ready, order, id) == 0 then return end
  redis.call("ZADD", queue.vacant, order, id)
  if redis.call("ZCARD", queue.vacant) >= redis.call("LLEN", queue.fresh) then redis.call("UNLINK", queue.fresh, queue.vacant) end
end

--- Gives a job a hash of its own, if it is folded: something happens to it that few jobs see. Nothing happens any more to one that
--- is completed: that stays as it is. Answers the token of who completed it.
local function unfold(queue, id, now)
  local key = queue.job .. id
  if redis.call("EXISTS", key) == 1 then return end
  local fields, expires, order, batch, token = read_folded(queue, id, now)
  if expires or not fields then return token end
  redis.call("HSET", key, unpack(fields))
  forget_lines(queue, { id })
  if order then
    leave_fresh(queue, id, order)
    leave_batch(queue, batch)
  end
end
