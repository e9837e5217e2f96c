--- Store a value that the caller has, whoever else computes one: what began before is refused when it comes.
---
--- @key    value  string  the entry
--- @key    lease  string  token of who computes the value
--- @arg    entry     bytes     header and payload
--- @arg    px        duration  how long the key lives: the entry's time and its time as a stale one
--- @arg    absolute  integer   for an entry that reading prolongs: it ends so many ms from now at the latest; otherwise 0
--- @arg    channel   string    where changes are told
--- @arg    message   string    tells that the entry was replaced
--- @reply  boolean
--- @writes once

local value, lease = KEYS[1], KEYS[2]
local entry, px, absolute, channel, message = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

--- @include store

store(value, entry, px, absolute)
redis.call("DEL", lease)
redis.call("PUBLISH", channel, message)
return 1
