--- What a claim tells of a job that has more to it: all that its hash holds.
local function whole(hash)
  return cmsgpack.pack(hash)
end

--- What a claim answers: the ids, how long each line is, when those of a batch were created, and the lines. Put together at once:
--- Lua reads each byte of a text that it makes, for 1.6 ns.
local function claim_reply(ids, lines, births)
  if #ids == 0 then return "" end
  local sizes = {}
  for i, line in ipairs(lines) do sizes[i] = #line end
  return table.concat({ cmsgpack.pack(ids, sizes, births), unpack(lines) })
end
