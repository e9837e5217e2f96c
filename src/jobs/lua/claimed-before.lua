--- @include batch
--- @include claim-reply

--- Finds the jobs, `want` at most, that a lost reply had already handed out under `token`, among the `limit` latest leases.
--- Leases of one claim end at one time, and few end later, so not many are looked at. They begin anew: the worker hears of them
--- only now. Answers their ids, a line of each, when those of a batch were created, and how many bytes they have.
local function claimed_before(queue, token, want, limit, now, lease_ms)
  local found, ids, lines, births, bytes, packed = {}, {}, {}, {}, 0, cmsgpack.pack(token)
  for _, id in ipairs(redis.call("ZREVRANGE", queue.leased, 0, limit - 1)) do
    if #found >= want then break end
    local course = redis.call("HGET", queue.course, id)
    local holds = course and course:sub(2, 1 + #packed) == packed or not course and redis.call("HGET", queue.job .. id, "token") == token
    if holds then found[#found + 1] = id end
  end
  for last = #found, 1, -1 do
    local id = found[last]
    local line = redis.call("HGET", queue.plain, id) or whole(redis.call("HGETALL", queue.job .. id))
    local course = batch_of(line) and redis.call("HGET", queue.course, id)
    births[#births + 1] = course and select(5, cmsgpack.unpack_limit(course, 4, 1)) or ""
    bytes = bytes + #line
    ids[#ids + 1] = id
    lines[#lines + 1] = line
    redis.call("ZADD", queue.leased, "GT", now + lease_ms, id)
  end
  return ids, lines, births, bytes
end
