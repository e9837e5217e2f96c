--- What each of `ids` has among `values`, by id.
local function by_id(ids, values)
  local of = {}
  for i, value in ipairs(values) do of[ids[i]] = value end
  return of
end
