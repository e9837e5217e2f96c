--- Forget an identity: what it has used, and that it is blocked.
---
--- @key    ...states  any  the identity's block, and its state under each policy
--- @reply  boolean  whether there was anything
--- @writes idempotent

local keys = KEYS

return redis.call("DEL", unpack(keys, 1, math.min(#keys, 7000))) > 0 and 1 or 0
