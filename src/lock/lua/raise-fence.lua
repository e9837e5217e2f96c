--- Remember a token for so long, unless a larger one, or a longer time, is remembered already.
local function raise_fence(fence, token, fence_ms)
  if tonumber(redis.call("GET", fence) or 0) < tonumber(token) then
    redis.call("SET", fence, token, "PX", fence_ms)
  elseif redis.call("PTTL", fence) < tonumber(fence_ms) then
    redis.call("PEXPIRE", fence, fence_ms)
  end
end
