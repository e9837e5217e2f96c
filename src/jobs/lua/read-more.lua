--- Reads what few jobs have, `count` pairs among `words` from `first` on. Answers the priority, when the job is due, and
--- the fields to store.
local function read_more(words, first, count, now)
  local priority, due, fields = 0, now, { "more", "1" }
  for at = first, first + 2 * count - 1, 2 do
    local field, value = words[at], words[at + 1]
    if field == "delayMs" then
      due = now + tonumber(value)
    elseif field == "due" then
      due = tonumber(value)
    else
      if field == "priority" then priority = tonumber(value) end
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
  end
  if due > now then
    local later = { "status", "scheduled", "retryDelayUntil", string.format("%.0f", due) }
    for _, word in ipairs(later) do fields[#fields + 1] = word end
  end
  return priority, due, fields
end
