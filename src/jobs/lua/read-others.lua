--- @include read-more

--- Reads jobs that differ from the rest, `words` from `first` on: place, name, retries, number of pairs, pairs. Answers name,
--- retries, priority, when it is due and the fields to store of each, by its place.
local function read_others(words, first, now)
  local others, at = {}, first
  for _ = 1, #words do
    if at > #words then break end
    local count = tonumber(words[at + 3])
    local priority, due, more = 0, now, nil
    if count > 0 then priority, due, more = read_more(words, at + 4, count, now) end
    others[tonumber(words[at])] = { words[at + 1], words[at + 2], priority, due, more }
    at = at + 4 + 2 * count
  end
  return others
end
