--- Reads `count` claims, two of `words` each from `first` on. Answers them by their number as text.
local function read_claims(words, first, count)
  local claims = {}
  for number = 1, count do
    local at = first + 2 * number - 2
    claims[string.format("%d", number)] = { token = words[at], ends = words[at + 1] }
  end
  return claims
end
