--- Read many values at one moment; a key that holds something else answers why.
---
--- @key    ...key  string  what is read
--- @reply  {value: bytes?, error: string?}[]
--- @writes none

local keys = KEYS

local reply = {}
for index, key in ipairs(keys) do
  local value = redis.pcall("GET", key)
  reply[index] = type(value) == "table" and { false, value.err } or { value, false }
end
return reply
