--- Decide calls under one policy of GCRA: what `consume` does, in half the time, for the limiter that most have. Calls of one
--- cost for one identity are one run: as many of them are allowed as fit.
---
--- @key    ...states  any  of each run its identity's block, then its state
--- @arg    now     instant?  instead of the server's clock, in tests
--- @arg    limit   integer   drains from a level each millisecond
--- @arg    per_ms  duration  what a call adds to the level
--- @arg    burst   integer   so many calls fill it
--- @arg    ...run  {cost: integer, times: integer}  what each call costs, and how many there are; those of one identity together. None: each is one call that costs 1
--- @reply  integer[]  of each run how many are allowed, or minus the milliseconds that they are blocked for, and the level then
--- @writes once

local keys, words = KEYS, ARGV
local now_given, limit, per, burst = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

--- @include now
--- @include gcra
--- @include gcra-save

local now = now_ms(now_given)
local texts = redis.call("MGET", unpack(keys, 1, math.min(#keys, 7000)))

local full, reply, key, level = burst * per, {}, nil, nil
for at = 1, #keys, 2 do
  local step, times, dirty = per, 1, false
  if #words > 4 then step, times = tonumber(words[at + 4]) * per, tonumber(words[at + 5]) end
  -- An identity with calls of several costs has several runs.
  if keys[at + 1] ~= key then
    key = keys[at + 1]
    level, dirty = gcra_level(texts[at + 1], now, limit, per, full)
  end
  local blocked = texts[at] and tonumber(texts[at]) - now or 0
  local allowed = blocked > 0 and -blocked or math.min(times, math.floor((full - level) / step))
  if allowed > 0 then level, dirty = level + allowed * step, true end
  if dirty then gcra_save(key, level, now, limit, per) end
  -- One after the other: assigned at once, Lua fills a list from the end and builds it anew.
  reply[#reply + 1] = allowed
  reply[#reply + 1] = level
end
return reply
