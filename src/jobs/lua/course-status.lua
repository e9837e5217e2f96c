--- Whether the claim whose `token` is packed still holds a folded job: then `in-progress`; else why not. And whether it was fresh.
local function course_status(line, token)
  local kind, at = line:byte(1), 0
  if kind == 101 then at = cmsgpack.unpack_limit(line, 3, 1) end
  local status = kind == 101 and "completed" or "in-progress"
  return line:sub(at + 2, at + 1 + #token) == token and status or "lost", kind == 102
end

--- When a folded job expires that is completed, as its line says.
local function course_end(line)
  if not line or line:byte(1) ~= 101 then return end
  local _, _, expires = cmsgpack.unpack_limit(line, 2, 1)
  return tonumber(expires)
end

--- Whether a folded job is past, as its line says: completed, and it was fresh.
local function is_past(line)
  return line and line:byte(1) == 101 and line:byte(cmsgpack.unpack_limit(line, 3, 1) + 1) == 102
end
