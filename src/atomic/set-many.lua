--- Set many values at one moment, or none of them.
---
--- @key    ...key    string  what is set
--- @arg    ...entry  {value: bytes, ttl: string, only: string}  a key: the value, its TTL, and "new", "existing" or ""
--- @reply  boolean
--- @writes once

local keys, words = KEYS, ARGV

--- @include store-value

for index, key in ipairs(keys) do
  local only = words[index * 3]
  if only ~= "" and (redis.call("EXISTS", key) == 1) ~= (only == "existing") then return false end
end
for index, key in ipairs(keys) do store_value(key, words[index * 3 - 2], words[index * 3 - 1]) end
return true
