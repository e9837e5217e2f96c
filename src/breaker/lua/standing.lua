--- How a breaker stands, as every script answers it.
local function standing(breaker, now)
  return { breaker.state, breaker.generation, math.max(0, breaker.ends_at - now), breaker.attempt, now }
end
