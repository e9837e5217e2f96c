--- Gives a new job a hash. `more` are fields that few jobs have, and what they hold, by turns.
local function create_hash(key, id, name, retries, stamp, order, payload, more)
  redis.call("HSET", key, "id", id, "name", name, "status", "queued", "maxRetries", retries, "createdAt", stamp, "lastUpdatedAt", stamp, "order", order, "payload", payload)
  if payload == "" then redis.call("HDEL", key, "payload") end
  if more then redis.call("HSET", key, unpack(more)) end
end
