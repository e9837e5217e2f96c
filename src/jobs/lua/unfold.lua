--- @include folded
--- @include forget-lines

--- Gives a job a hash of its own, if it is folded: something happens to it that few jobs see.
local function unfold(queue, id, now)
  local key = queue.job .. id
  if redis.call("EXISTS", key) == 1 then return end
  local fields, expires = read_folded(queue, id, now)
  if not fields then return end
  redis.call("HSET", key, unpack(fields))
  forget_lines(queue, { id })
  if expires then redis.call("PEXPIRE", key, expires - now) end
end
