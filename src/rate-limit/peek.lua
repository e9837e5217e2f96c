--- See how an identity stands, and what a cost would be answered, without booking anything.
---
--- @key    ...states  any  the identity's block, then its state under each policy, of a log also that of its burst
--- @arg    now        instant?  instead of the server's clock, in tests
--- @arg    cost       integer   what would be asked for
--- @arg    policies   {algorithm: string, limit: integer, per_ms: duration, burst: integer, burst_per_ms: duration}[] all must allow
--- @reply  integer[]  as of one call of consume
--- @writes none

local keys, words = KEYS, ARGV
local now_given, cost, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

--- @include now
--- @include read-policies
--- @include subject

local now = now_ms(now_given)
local policies = read_policies(words, 4, count)
local subject = subject_load(policies, keys, redis.call("MGET", unpack(keys, 1, math.min(#keys, 7000))), 0, now)
local verdict = subject.blocked > 0 and -subject.blocked or 1
for _, state in ipairs(subject) do
  if verdict == 1 and not state.check(state, cost) then verdict = 0 end
end
local reply = {}
subject_report(subject, cost, reply, verdict)
return reply
