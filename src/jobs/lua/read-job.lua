--- @include folded

--- Reads the `fields` of a job, in order; all of them, with their names by turns, if none is named. Answers them packed.
local function read_job(queue, id, now, fields)
  local folded = read_folded(queue, id, now)
  if not folded then
    local key = queue.job .. id
    return cmsgpack.pack(#fields == 0 and redis.call("HGETALL", key) or redis.call("HMGET", key, unpack(fields)))
  end
  if #fields == 0 then return cmsgpack.pack(folded) end
  local values, asked = {}, {}
  for at = 1, #folded, 2 do values[folded[at]] = folded[at + 1] end
  for place, field in ipairs(fields) do asked[place] = values[field] or false end
  return cmsgpack.pack(asked)
end
