--- How a packed text of so many bytes begins. To pack the text itself would have Lua read it once more.
local function packed_head(bytes)
  if bytes < 32 then return string.char(160 + bytes) end
  if bytes < 256 then return "\217" .. string.char(bytes) end
  return "\218" .. string.char((bytes - bytes % 256) / 256, bytes % 256)
end
