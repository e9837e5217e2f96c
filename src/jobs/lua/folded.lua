--- @include batch

--- A plain job needs no hash of its own while nothing happens to it but the usual. It is folded: a line in `plain`, a hash that such
--- jobs share, and one in `course`, once it is claimed. Lines are words, packed one after the other.
---   plain   createdAt, maxRetries, name, place in line, and the payload as it is; or a line of a batch
---   course  f if it was fresh, else r; token, workerId, startedAt, of a batch its createdAt and first     while it runs
---           e, completedAt, expiresAt, result, and what it said while it ran      once it is completed

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

--- What a line in `plain` tells: retries, name, payload, createdAt, place. The last two are `born`, and behind `first`, if it is of
--- a batch.
local function read_plain(line, born, first)
  if batch_of(line) then
    local behind, retries, name, payload = read_batched(line)
    return retries, name, payload, born or "0", batched_order(first, behind)
  end
  local after, created, retries, name, order = cmsgpack.unpack_limit(line, 4)
  return retries, name, after > 0 and line:sub(after + 1) or "", created, read_order(order)
end

--- What the hash of a folded job would hold, fields and values by turns; when it expires, if it is completed; and its place in line,
--- if it waits; and the token of who claimed it.
local function fields_of(queue, id, plain, course)
  local status, at = course and "in-progress" or "queued", 0
  local _, token, worker, started, completed, expires, result, born, first
  if course and course:sub(1, 1) == "e" then
    status = "completed"
    at, completed, expires, result = cmsgpack.unpack_limit(course, 3, 1)
  end
  if course then
    _, token, worker, started, born, first = cmsgpack.unpack_limit(course, 5, at + 1)
  else
    born, first = read_batch(queue, batch_of(plain))
  end
  local retries, name, payload, created, order = read_plain(plain, born, first)
  order = string.format("%d", order)
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
  return fields, tonumber(expires), not course and order, token
end

--- The fields of a job that is folded, when it expires, its place if it waits, its batch, and the token of who claimed it; none if
--- it is not folded, or its time is over.
local function read_folded(queue, id, now)
  local plain = redis.call("HGET", queue.plain, id)
  if not plain then return end
  local fields, expires, order, token = fields_of(queue, id, plain, redis.call("HGET", queue.course, id))
  if not expires or expires > now then return fields, expires, order, batch_of(plain), token end
end
