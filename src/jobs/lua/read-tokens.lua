--- Has completions read the token of each job until then (ms), instead of only when its lease ends.
local function read_tokens(meta, till)
  if tonumber(redis.call("HGET", meta, "watched") or 0) < till then
    redis.call("HSET", meta, "watched", string.format("%.0f", till))
  end
end
