--- Prolongs an entry that lives from its last reading, up to the end that it was given when it was made. Answers what is left
--- of it. A gain of less than an eighth is not worth a write.
local function touch(value, entry, left, grace)
  local sliding, ends = struct.unpack(">I4d", entry, 13)
  local time = redis.call("TIME")
  local wanted = math.min(sliding, ends - (time[1] * 1000 + math.floor(time[2] / 1000)))
  if wanted - left <= sliding / 8 then return left end
  redis.call("PEXPIRE", value, wanted + grace)
  return wanted
end
