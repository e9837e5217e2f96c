--- Stores an entry for `px` ms. One that is to end at a fixed time however often it is read (`absolute` > 0) gets that time,
--- by Redis' own clock, in bytes 17 to 24.
local function store(value, entry, px, absolute)
  if absolute > 0 then
    local time = redis.call("TIME")
    local ends = struct.pack(">d", time[1] * 1000 + math.floor(time[2] / 1000) + absolute)
    entry = string.sub(entry, 1, 16) .. ends .. string.sub(entry, 25)
  end
  redis.call("SET", value, entry, "PX", px)
end
