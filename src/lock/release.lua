--- Give leases back, those that are the owner's, and wake who waits for them. Answers whether all of them were.
---
--- @key    ...lease  string  owner of the lease
--- @arg    owner     string  who gives back
--- @reply  boolean
--- @writes once

local owner = ARGV[1]

local all = 1
for i = 1, #KEYS do
  if redis.call("GET", KEYS[i]) == owner then
    redis.call("DEL", KEYS[i])
    redis.call("PUBLISH", KEYS[i], "freed")
  else
    all = 0
  end
end
return all
