--- Read an entry and, if it needs to be computed and nobody does, take the lead: read, early refresh and lease in one call.
---
--- No clocks are compared: what is left of an entry is what is left of its key, less the time for which it may be served stale.
---
--- @key    value  string  the entry; lives until it may not even be served stale
--- @key    lease  string  token of who computes the value; lives while that is renewed
--- @arg    token     string    the reader's own
--- @arg    lease_ms  duration  how long a lead holds that nobody renews; 0 takes none
--- @arg    draw      number    −β·ln(u): an entry whose recompute time, times this, reaches its end is refreshed early
--- @arg    stale     boolean   a value that has ended will do while somebody else leads
--- @arg    unfit     bytes?    the first 12 bytes of an entry that counts as missing
--- @reply  "fresh", entry: bytes, left_ms: integer
--- @reply  "early", entry: bytes, left_ms: integer
--- @reply  "stale", entry: bytes, leads: boolean, lease_left_ms: integer, ends_in_ms: integer
--- @reply  "miss", leads: boolean, lease_left_ms: integer
--- @writes idempotent

local value, lease = KEYS[1], KEYS[2]
local token, lease_ms, draw, stale, unfit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]

-- An entry of another format (the high half of byte 9) counts as missing, so that two versions can share a Redis.
local entry = redis.call("GET", value)
local grace, delta, flags, left = 0, 0, 0, 0
if entry and #entry >= 24 and (unfit == "" or string.sub(entry, 1, 12) ~= unfit) then
  grace, delta, flags = struct.unpack(">I4I4B", entry)
  left = redis.call("PTTL", value) - grace
end
-- Bit 2 says that reading prolongs the entry.
local known, slides = flags >= 16 and flags < 32, math.floor(flags / 2) % 2 == 1
-- What nearly every call comes to, before it pays for the functions below.
if known and not slides and left > 0 and delta * draw < left then return { "fresh", entry, left } end

--- @include holds
--- @include touch

-- A "-" in place of a token is a pause after a failure: it holds off those who have a stale value to serve, and nobody else.
local function lead(pauses)
  if lease_ms == 0 then return false end
  if redis.call("SET", lease, token, "NX", "PX", lease_ms) then return true end
  local held = redis.call("GET", lease)
  if held == "-" and not pauses then
    redis.call("SET", lease, token, "PX", lease_ms)
    return true
  end
  -- The reply to the first call was lost: the lead is still the same caller's.
  return holds(held, token)
end

-- Whoever leads publishes the outcome only if somebody waits for it.
local function await()
  local held = redis.call("GET", lease)
  if lease_ms > 0 and held and string.sub(held, -1) ~= "w" then redis.call("APPEND", lease, "w") end
  return redis.call("PTTL", lease)
end

if not known or (left <= 0 and grace == 0) then
  if lead(false) then return { "miss", 1, 0 } end
  return { "miss", 0, await() }
end
if left > 0 then
  if slides then left = touch(value, entry, left, grace) end
  if delta * draw >= left and lead(true) then return { "early", entry, left } end
  return { "fresh", entry, left }
end
if lead(stale == "1") then return { "stale", entry, 1, 0, left + grace } end
if stale == "1" then return { "stale", entry, 0, redis.call("PTTL", lease), left + grace } end
return { "stale", entry, 0, await(), left + grace }
