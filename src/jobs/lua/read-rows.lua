--- Finds where rows of jobs begin among `words`, from `first` on: id, name, retries, payload, number of pairs, pairs.
--- Answers their places, their keys, and whether an id comes twice.
local function read_rows(words, first, prefix)
  local starts, keys, seen, twice = {}, {}, {}, false
  local at = first
  for _ = 1, #words do
    if at > #words then break end
    local id = words[at]
    twice = twice or seen[id] == true
    seen[id] = true
    starts[#starts + 1] = at
    keys[#keys + 1] = prefix .. id
    at = at + 5 + 2 * tonumber(words[at + 4])
  end
  return starts, keys, twice
end
