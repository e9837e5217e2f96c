--- Whether a lease is held with a token. A "w" after it says that somebody waits for the outcome.
local function holds(held, token)
  return held == token or held == token .. "w"
end
