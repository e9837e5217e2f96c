--- Puts ids of a set, each with its score, and of a list, each with its order, into one: those of the list first where they are the same.
local function merge(ready, fresh, orders)
  local ids, places, next = {}, {}, 1
  for place, id in ipairs(fresh) do
    local order = orders[place]
    while ready[next] and tonumber(ready[next + 1]) < order do
      ids[#ids + 1] = ready[next]
      next = next + 2
    end
    ids[#ids + 1] = id
    places[#ids] = place
  end
  for at = next, #ready, 2 do ids[#ids + 1] = ready[at] end
  return ids, places
end
