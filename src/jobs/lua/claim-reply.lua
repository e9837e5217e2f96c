--- What a claim tells of a job that has more to it: all that its hash holds.
local function whole(hash)
  return cmsgpack.pack(hash)
end

--- What a claim answers: the ids, how long each line is, and the lines.
local function claim_reply(ids, lines)
  if #ids == 0 then return "" end
  local sizes = {}
  for i, line in ipairs(lines) do sizes[i] = #line end
  return cmsgpack.pack(ids, sizes) .. table.concat(lines)
end
