--- Decide calls, in order: each is booked under every policy of its identity, or under none.
---
--- @key    ...states  any  of each identity: its block, then its state under each policy, of a log also that of its burst
--- @arg    now        instant?  instead of the server's clock, in tests
--- @arg    policies   {algorithm: string, limit: integer, per_ms: duration, burst: integer, burst_per_ms: duration}[] all must allow
--- @arg    ...call    {identity: integer, cost: integer}  which identity, from 0 in the order of the keys, and how much
--- @reply  integer[]  of each call 1 allowed, 0 denied or minus the milliseconds that it is blocked for; then of each policy what
---                    is left, in how many milliseconds the cost fits (-1 for never) and in how many all is free
--- @writes once

local keys, words = KEYS, ARGV
local now_given, count = ARGV[1], tonumber(ARGV[2])

--- @include now
--- @include read-policies
--- @include decide
--- @include save

local now = now_ms(now_given)
local policies, width, first = read_policies(words, 3, count)
local texts = redis.call("MGET", unpack(keys, 1, math.min(#keys, 7000)))

local subjects, reply = {}, {}
for at = first, #words, 2 do
  local who = tonumber(words[at])
  local subject = subjects[who]
  if not subject then
    subject = subject_load(policies, keys, texts, who * width, now)
    subjects[who] = subject
  end
  subject_decide(subject, tonumber(words[at + 1]), reply)
end
for _, subject in pairs(subjects) do subject_save(subject, now) end
return reply
