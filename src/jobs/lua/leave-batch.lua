--- @include batch

--- Notes how many of a batch wait.
local function write_batch(queue, batch, born, first, waiting)
  if waiting > 0 then
    redis.call("HSET", queue.batches, batch, string.format("%s %s %d", born, first, waiting))
  else
    redis.call("HDEL", queue.batches, batch)
  end
end

--- Notes that one of a batch waits no more.
local function leave_batch(queue, batch)
  local born, first, waiting = read_batch(queue, batch)
  if born then write_batch(queue, batch, born, first, waiting - 1) end
end
