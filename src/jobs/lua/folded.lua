--- A plain job needs no hash of its own while nothing happens to it but the usual. It is folded: a line in `plain`, a hash that such
--- jobs share, and one in `course`, once it is claimed. Lines are words, packed one after the other.
---   plain   createdAt, maxRetries, name, order, and the payload as it is
---   course  r, token, workerId, startedAt                                      while it runs
---           e, completedAt, expiresAt, result, and what it said while it ran   once it is completed

--- Whether a payload or a result may be part of a line. Larger ones would be copied more often than in a hash.
local function fits_line(value)
  return #value <= 1024
end

--- How the line of a job in `plain` begins, up to its order, which has 16 digits.
local function plain_head(stamp, retries, name)
  return cmsgpack.pack(stamp, retries, name) .. "\176"
end

--- What the hash of a folded job would hold, fields and values by turns; and when it expires, if it is completed.
local function fields_of(id, plain, course)
  local after, created, retries, name, order = cmsgpack.unpack_limit(plain, 4)
  local payload = after > 0 and plain:sub(after + 1) or ""
  local status, at = course and "in-progress" or "queued", 0
  local token, worker, started, completed, expires, result
  if course and course:sub(1, 1) == "e" then
    status = "completed"
    at, completed, expires, result = cmsgpack.unpack_limit(course, 3, 1)
  end
  if course then at, token, worker, started = cmsgpack.unpack_limit(course, 3, at + 1) end
  local fields = {
    "id", id, "name", name, "status", status, "maxRetries", retries, "createdAt", created,
    "lastUpdatedAt", completed or started or created, "order", order,
  }
  local rest = { payload = payload, token = token, workerId = worker, startedAt = started, completedAt = completed, result = result }
  for field, value in pairs(rest) do
    if value ~= "" then
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
  end
  return fields, tonumber(expires)
end

--- The fields of a job that is folded, and when it expires; none if it is not, or its time is over.
local function read_folded(queue, id, now)
  local plain = redis.call("HGET", queue.plain, id)
  if not plain then return end
  local fields, expires = fields_of(id, plain, redis.call("HGET", queue.course, id))
  if not expires or expires > now then return fields, expires end
end
