--- The keys of `count` jobs, whose ids are every other one of `words` from `first` on, and whether an id comes twice, if that is
--- to be `looked` for.
local function keys_of(words, first, count, prefix, looked)
  local keys, seen, twice = {}, {}, false
  for i = 1, count do
    local id = words[first + 2 * i - 2]
    keys[i] = prefix .. id
    if looked then
      twice = twice or seen[id] == true
      seen[id] = true
    end
  end
  return keys, twice
end
