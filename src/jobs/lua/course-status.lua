--- Whether the claim whose lines begin with `head` still holds a folded job: then `in-progress`; else why not.
local function course_status(line, head)
  if line:sub(1, #head) == head then return "in-progress" end
  if line:sub(1, 1) ~= "e" then return "lost" end
  local at = cmsgpack.unpack_limit(line, 3, 1)
  return line:sub(at + 1, at + #head) == head and "completed" or "lost"
end
