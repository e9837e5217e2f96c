--- Has a set live for at least so long. Never shorter: another process may keep jobs of it for longer.
local function live_on(set, ms)
  if redis.call("PTTL", set) < tonumber(ms) then redis.call("PEXPIRE", set, ms) end
end
