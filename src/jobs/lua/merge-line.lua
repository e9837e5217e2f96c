--- @include folded

--- Puts ids of `ready`, each with its score, and of `fresh`, each with its line, in one order. One that has no line is passed over soon:
--- it comes first.
local function merge(queue, ready, fresh, lines)
  local ids, places, firsts, next = {}, {}, {}, 1
  for place, id in ipairs(fresh) do
    local order = lines[place] and line_order(queue, lines[place], firsts) or 0
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
