-- ARGV: lane, token, ids.
local bad = fence(ARGV[1], ARGV[2])
if bad then return bad end
for i = 3, #ARGV do
  local lane = redis.call('HGET', P .. 'item:' .. ARGV[i], 'lane')
  if lane and lane ~= ARGV[1] then return {'foreign', ARGV[i], lane} end
end
for i = 3, #ARGV do dropitem(ARGV[i]) end
return {'ok'}
