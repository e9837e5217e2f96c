--- Give back what was booked, under every policy; never more than that.
---
--- @key    ...states  any  the identity's block, then its state under each policy, of a log also that of its burst
--- @arg    now        instant?  instead of the server's clock, in tests
--- @arg    cost       integer   how much
--- @arg    policies   {algorithm: string, limit: integer, per_ms: duration, burst: integer, burst_per_ms: duration}[] all give back
--- @reply  integer[]  as of one call of consume
--- @writes once

local keys, words = KEYS, ARGV
local now_given, cost, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

--- @include now
--- @include read-policies
--- @include subject
--- @include log-take-back
--- @include save

local now = now_ms(now_given)
local policies = read_policies(words, 4, count)
local subject = subject_load(policies, keys, redis.call("MGET", unpack(keys, 1, math.min(#keys, 7000))), 0, now)
for _, state in ipairs(subject) do
  if state.main then log_take_back(state.main, log_take_back(state.more, cost))
  else state.add(state, -cost) end
  state.dirty = true
end
subject_save(subject, now)
local reply = {}
subject_report(subject, 0, reply, subject.blocked > 0 and -subject.blocked or 1)
return reply
