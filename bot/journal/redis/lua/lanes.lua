-- ARGV: limit. Returns lane, waiting, not before, holder of each.
local out, t = {}, now()
for _, lane in ipairs(redis.call('ZRANGE', P .. 'lanes', 0, tonumber(ARGV[1]) - 1)) do
  local token, ends, owner = lease(lane)
  local holder = ''
  if token and ends > t then holder = owner end
  out[#out + 1] = lane
  out[#out + 1] = dec(redis.call('ZCARD', P .. 'lane:' .. lane))
  out[#out + 1] = redis.call('ZSCORE', P .. 'laneuntil', lane) or ''
  out[#out + 1] = holder
end
return out
