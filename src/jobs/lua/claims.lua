--- Reads `count` claims, two of `words` each from `first` on. Answers them by their number as text, and whether their leases
--- are over: then another claim may have one that ends in the same millisecond.
local function read_claims(words, first, count, now)
  local claims = {}
  for number = 1, count do
    local at = first + 2 * number - 2
    claims[string.format("%d", number)] = { token = words[at], ends = words[at + 1], packed = cmsgpack.pack(words[at]), over = (tonumber(words[at + 1]) or 0) <= now }
  end
  return claims
end
