--- Make leases last longer, all or none, and see to it that no token up to this one is handed out again.
---
--- @key    ...key    string    lease and fence of each resource, by turns
--- @arg    owner     string    who holds the leases
--- @arg    lease_ms  duration  how long they last from now; one that lasts longer stays as it is
--- @arg    fence_ms  duration  how long the token is remembered
--- @arg    token     bigint    the holder's token
--- @reply  boolean
--- @writes idempotent

local owner, lease_ms, fence_ms, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

--- @include raise-fence

for i = 1, #KEYS, 2 do
  if redis.call("GET", KEYS[i]) ~= owner then return 0 end
end
for i = 1, #KEYS, 2 do
  if redis.call("PTTL", KEYS[i]) < tonumber(lease_ms) then redis.call("PEXPIRE", KEYS[i], lease_ms) end
  raise_fence(KEYS[i + 1], token, fence_ms)
end
return 1
