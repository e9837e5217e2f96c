--- A plain job needs no hash of its own while nothing happens to it but the usual. It is folded: a line in `plain`, a hash that such
--- jobs share, and one in `course`, once it is claimed. Lines are words, packed one after the other.
---   plain   createdAt, maxRetries, name, place in line, and the payload as it is
---   course  r, token, workerId, startedAt                                      while it runs
---           e, completedAt, expiresAt, result, and what it said while it ran   once it is completed

--- Whether a payload or a result may be part of a line. Larger ones would be copied more often than in a hash.
local function fits_line(value)
  return #value <= 1024
end

--- How the lines of jobs that were added together begin: up to how far each stands behind `order`, in two bytes. To write a place
--- in full is a third of what it takes to make a line.
local function plain_head(stamp, retries, name, order)
  return cmsgpack.pack(stamp, retries, name) .. "\178" .. string.format("%d", order)
end

--- The place in line that such a head and two bytes tell, or 16 digits.
local function read_order(word)
  local high, low = word:byte(17, 18)
  return (tonumber(word:sub(1, 16)) or 0) + 256 * (high or 0) + (low or 0)
end

--- The place in line of a folded job. What somebody spoilt comes first: then it is soon seen.
local function line_order(plain)
  local reads, _, _, _, _, word = pcall(cmsgpack.unpack_limit, plain, 4)
  return reads and type(word) == "string" and read_order(word) or 0
end

--- What the hash of a folded job would hold, fields and values by turns; when it expires, if it is completed; and its place in line,
--- if it waits.
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
  order = string.format("%d", read_order(order))
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
  return fields, tonumber(expires), not course and order
end

--- The fields of a job that is folded, when it expires, and its place if it waits; none if it is not folded, or its time is over.
local function read_folded(queue, id, now)
  local plain = redis.call("HGET", queue.plain, id)
  if not plain then return end
  local fields, expires, order = fields_of(id, plain, redis.call("HGET", queue.course, id))
  if not expires or expires > now then return fields, expires, order end
end
