--- Compares whole numbers written in decimal, which may have more digits than a Lua number keeps. Answers -1, 0 or 1.
local function compare_integers(a, b)
  if a == b then return 0 end
  local sign_a, digits_a = string.match(a, "^(-?)(%d+)$")
  local sign_b, digits_b = string.match(b, "^(-?)(%d+)$")
  if sign_a ~= sign_b then return sign_a == "-" and -1 or 1 end
  local less = #digits_a < #digits_b or (#digits_a == #digits_b and digits_a < digits_b)
  return less == (sign_a == "") and -1 or 1
end
