--- Adds leases, `score` and id in turn. Redis keeps a sorted set of up to 128 short members as a list, and walks it for each one
--- that comes or goes: 1.7 µs a job at 100 at once. A long member turns it into a skip list for as long as it is not empty.
local function add_leases(leased, score, leases)
  local many = #leases >= 32 and redis.call("EXISTS", leased) == 0
  if many then redis.call("ZADD", leased, score, string.rep("-", 65)) end
  redis.call("ZADD", leased, unpack(leases))
  if many then redis.call("ZREM", leased, string.rep("-", 65)) end
end

--- Words in one: as many replies as words cost Redis and the client three times as much.
local function packed(words)
  return #words == 0 and "" or cmsgpack.pack(words)
end

--- Adds a job to what a claim answers, with all that its hash holds.
local function add_whole(words, hash)
  words[#words + 1] = false
  words[#words + 1] = packed(hash)
end

--- Gives a worker up to `want` jobs from the front of the line, each under a lease. Answers them as they were, in one list of
--- words, and how many they are. A plain job has five words: createdAt, id, name, payload, maxRetries. One that has more to it
--- (`more`), or was claimed before (`token`), has two, none and its whole hash, which costs twice as much. What is more than 4 MiB
--- of payloads, with the `bytes` that go out already, stays in line, and it answers that it does: so much may not arrive in time,
--- and would be asked for again for ever.
local function claim_next(queue, now, want, worker, token, lease_ms, bytes)
  local words, leased = {}, {}
  if want == 0 then return words, 0, false end
  -- Written once: Redis takes 0.7 µs to write a number that a script passes, and a job would have four of them.
  local stamp, lease_end = string.format("%d", now), string.format("%d", now + lease_ms)
  -- Not ZPOPMIN, which writes out every score.
  local next = redis.call("ZRANGE", queue.ready, 0, want - 1)
  local taken = #next
  for i, id in ipairs(next) do
    if bytes > 4194304 then
      taken = i - 1
      break
    end
    local key = queue.job .. id
    local job = redis.call("HMGET", key, "createdAt", "name", "payload", "maxRetries", "token", "more")
    if job[1] then
      bytes = bytes + #(job[3] or "")
      if job[5] or job[6] then
        add_whole(words, redis.call("HGETALL", key))
        if redis.call("HGET", key, "notify") == "2" then redis.call("PUBLISH", key, "in-progress") end
      else
        words[#words + 1] = job[1]
        words[#words + 1] = id
        for word = 2, 4 do words[#words + 1] = job[word] end
      end
      redis.call("HSET", key, "status", "in-progress", "workerId", worker, "token", token, "startedAt", stamp, "lastUpdatedAt", stamp)
      leased[#leased + 1] = lease_end
      leased[#leased + 1] = id
    end
  end
  if taken > 0 then redis.call("ZREMRANGEBYRANK", queue.ready, 0, taken - 1) end
  if #leased > 0 then add_leases(queue.leased, lease_end, leased) end
  return words, #leased / 2, taken < #next
end
