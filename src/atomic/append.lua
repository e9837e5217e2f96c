--- Append values to a list that keeps no more than so many.
---
--- @key    list      list     oldest first
--- @arg    max       integer  so many are kept
--- @arg    overflow  string   what gives way: "drop-oldest", "drop-newest" or "reject"
--- @arg    ttl       string   milliseconds, or "persist"
--- @arg    ...value  bytes    what is appended, in this order
--- @reply  "appended", length: integer, dropped: integer
--- @reply  "full", length: integer
--- @writes once

local list, words = KEYS[1], ARGV
local max, overflow, ttl = tonumber(ARGV[1]), ARGV[2], ARGV[3]

--- @include set-ttl

local length = redis.call("LLEN", list)
local first, last = 4, #words
local over = math.max(0, length + last - 3 - max)
if over > 0 and overflow == "reject" then return { "full", length } end
if overflow == "drop-newest" then last = last - over end
if overflow == "drop-oldest" then first = math.max(first, last - max + 1) end
for from = first, last, 1000 do redis.call("RPUSH", list, unpack(words, from, math.min(from + 999, last))) end
if overflow == "drop-oldest" and over > 0 then redis.call("LTRIM", list, -max, -1) end
set_ttl(list, ttl)
local now_long = redis.call("LLEN", list)
return { "appended", now_long, length + #words - 3 - now_long }
