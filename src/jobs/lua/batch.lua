--- Plain jobs that were added together, and are of one name and as many retries, are a batch. Their lines are as the client wrote them:
---   b, 16 letters that name the batch, how far behind its first, maxRetries, length of the name, the name, and the payload
---      with 3 digits, 4 and 3 for the numbers
--- What only Redis knows is in `batches` while one of them waits: createdAt, which place is the first one's among those without a
--- priority, how many wait.

--- The batch that a line in `plain` is of, if it is of one.
local function batch_of(line)
  return line:byte(1) == 98 and line:sub(2, 17)
end

--- What such a line tells: how far behind the first, retries, name, payload.
local function read_batched(line)
  local name_end = 27 + tonumber(line:sub(25, 27))
  return tonumber(line:sub(18, 20)), string.format("%d", tonumber(line:sub(21, 24))), line:sub(28, name_end), line:sub(name_end + 1)
end

--- The place in line of a job that is so far behind the first of its batch.
local function batched_order(first, behind)
  return 1024 * 2 ^ 42 + (tonumber(first) or 0) + (tonumber(behind) or 0)
end

--- What only Redis knows of a batch; nothing if there is none, or none of it waits.
local function read_batch(queue, batch)
  local record = batch and redis.call("HGET", queue.batches, batch)
  if record then return record:match("^(%d+) (%d+) (%d+)$") end
end
