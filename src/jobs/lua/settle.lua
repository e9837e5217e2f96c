--- @include complete
--- @include held-status
--- @include put-back
--- @include fail
--- @include cancel-job
--- @include unfold

--- Books one outcome that is not plain success. Answers the job's new status.
local function settle_otherwise(queue, id, now, keep, outcome, error, delay_ms)
  if outcome == "failed" then return fail(queue, id, now, keep.failed_ms, error, delay_ms) end
  if outcome == "canceled" then return cancel_job(queue, id, now, keep.completed_ms) end
  redis.call("HDEL", queue.job .. id, "workerId")
  return put_back(queue, id, redis.call("HGET", queue.job .. id, "order"), now, tonumber(delay_ms) or 0)
end

--- Books what became of jobs, `words` from `first` on: `count` completed ones, then the others, five words a job: id, token,
--- outcome, error, delay. Only who has the claim is heard; telling the same twice answers the same. Answers
--- which of the completed were refused, a status for each of the others, and whether any was put off.
local function settle(queue, now, keep, words, first, count, claims, by_token)
  local refused, answers, put_off = complete(queue, now, keep, words, first, count, claims, by_token), {}, false
  for i = first + 3 * count, #words, 5 do
    local id = words[i]
    local key = queue.job .. id
    local token, status, notify = unfold(queue, id, now), nil, nil
    if token then
      status = token == words[i + 1] and "completed" or "lost"
    else
      status, notify = held_status(key, words[i + 1])
    end
    if status == "in-progress" then
      redis.call("ZREM", queue.leased, id)
      status = settle_otherwise(queue, id, now, keep, words[i + 2], words[i + 3], words[i + 4])
      local ended = status ~= "scheduled" and status ~= "queued"
      put_off = put_off or not ended
      if notify == "2" or (notify and ended) then redis.call("PUBLISH", key, status) end
    end
    answers[#answers + 1] = status
  end
  return refused, answers, put_off
end
