--- @include batch

--- The batch of a line that is claimed: what is known of it, the course of its jobs, which is `course` and more, and how many of it
--- wait. `open` are those of this turn.
local function open_batch(queue, open, line, course)
  local batch = batch_of(line)
  if batch and not open[batch] then
    local born, first, waiting = read_batch(queue, batch)
    open[batch] = { born = born or "0", first = first or "0", waiting = tonumber(waiting or 0) }
    open[batch].course = course .. cmsgpack.pack(open[batch].born, open[batch].first)
  end
  return open[batch]
end
