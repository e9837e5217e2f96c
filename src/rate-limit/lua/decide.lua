--- @include subject

--- Books a cost under every policy if all of them have room for it, and adds the decision to the reply. A denial books nothing.
local function subject_decide(subject, cost, reply)
  local verdict = subject.blocked > 0 and -subject.blocked or 1
  for _, state in ipairs(subject) do
    if verdict == 1 and not state.check(state, cost) then verdict = 0 end
  end
  if verdict == 1 then
    for _, state in ipairs(subject) do state.add(state, cost) state.dirty = true end
  end
  subject_report(subject, verdict == 1 and 0 or cost, reply, verdict)
end
