--- What each of `ids` has among `values`, by id.
local function by_id(ids, values)
  local of = {}
  for i, value in ipairs(values) do of[ids[i]] = value end
  return of
end

--- Whether one of `ids` is not in `of`.
local function some_have_none(ids, of)
  for _, id in ipairs(ids) do
    if not of[id] then return true end
  end
  return false
end
