--- Whether one of `ids` comes twice.
local function come_twice(ids)
  local seen = {}
  for _, id in ipairs(ids) do
    if seen[id] then return true end
    seen[id] = true
  end
  return false
end
