--- Finds a session that lives. An id that was given up leads to its successor while it is honored: over up to 2 rotations, for who is slow and
--- has missed several. Answers its id and what scripts need of it, or nothing and why: "unknown", or how it ended.
local function session_find(sessions, id, now)
  for _ = 1, 3 do
    local found = redis.call("HMGET", sessions .. id, "ended", "next", "honoredUntil", "expiresAt", "endsAt", "touchedAt", "user", "version")
    local ended, expires_at = found[1], tonumber(found[4] or 0)
    if not ended then
      if expires_at <= now then return nil, "unknown" end
      return { id = id, expires_at = expires_at, ends_at = tonumber(found[5]), touched_at = tonumber(found[6]), user = found[7], version = tonumber(found[8]) }
    end
    if ended ~= "rotated" or tonumber(found[3]) <= now then return nil, ended end
    id = found[2]
  end
  return nil, "rotated"
end

--- Notes a session among those of its user, who may have none.
local function session_list(users, user, id, now, expires_at)
  if not user or user == "" then return end
  local index = users .. user
  redis.call("ZADD", index, expires_at, id)
  if redis.call("PTTL", index) < expires_at - now then redis.call("PEXPIRE", index, expires_at - now) end
end

--- Lets a session live for another while, but never beyond its end.
local function session_touch(sessions, users, session, now, idle_ms)
  local key = sessions .. session.id
  local expires_at = math.min(now + idle_ms, session.ends_at)
  redis.call("HSET", key, "touchedAt", now, "expiresAt", expires_at)
  redis.call("PEXPIRE", key, expires_at - now)
  session_list(users, session.user, session.id, now, expires_at)
end

--- Ends a session. What is left of it refuses whatever still comes for it.
local function session_end(sessions, users, id, user, why, keep_ms)
  redis.call("DEL", sessions .. id)
  redis.call("HSET", sessions .. id, "ended", why)
  redis.call("PEXPIRE", sessions .. id, keep_ms)
  if user and user ~= "" then redis.call("ZREM", users .. user, id) end
end
