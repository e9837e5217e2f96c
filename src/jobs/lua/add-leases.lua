--- Adds leases, `score` and id in turn. Redis keeps a sorted set of up to 128 short members as a list, and walks it for each one
--- that comes or goes: 1.7 µs a job at 100 at once. A long member turns it into a skip list for as long as it is not empty.
local function add_leases(leased, score, leases)
  local many = #leases >= 32 and redis.call("EXISTS", leased) == 0
  if many then redis.call("ZADD", leased, score, string.rep("-", 65)) end
  redis.call("ZADD", leased, unpack(leases))
  if many then redis.call("ZREM", leased, string.rep("-", 65)) end
end
