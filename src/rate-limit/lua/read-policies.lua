--- Reads policies of five words each: algorithm, limit, per, burst, burst_per. Answers them, how many keys one identity has
--- (one for its block, one for each policy, one more for the burst of a log), and where the next word is.
local function read_policies(words, first, count)
  local policies, width = {}, 1
  for index = 1, count do
    local at = first + (index - 1) * 5
    policies[index] = {
      algorithm = words[at], limit = tonumber(words[at + 1]), per = tonumber(words[at + 2]),
      burst = tonumber(words[at + 3]), burst_per = tonumber(words[at + 4]), key = width + 1,
    }
    width = width + (words[at] == "sliding-log" and 2 or 1)
  end
  return policies, width, first + count * 5
end
