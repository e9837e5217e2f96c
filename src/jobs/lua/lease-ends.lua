--- When the leases of jobs end, if one of them is not folded: of those that are their lines tell enough.
local function lease_ends(queue, ids, lines)
  for _, line in ipairs(lines) do
    if not line then return redis.call("ZMSCORE", queue.leased, unpack(ids)) end
  end
  return {}
end
