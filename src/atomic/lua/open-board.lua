--- The keys of a board, with what its layout says.
local function open_board(layout, scores, members, metadata, distinct, about)
  local order, ranking, ties = string.match(layout, "^(%S+) (%S+) (%S+)$")
  return {
    high = order == "high", ranking = ranking, ties = ties,
    scores = scores, members = members, metadata = metadata, distinct = distinct, about = about,
  }
end
