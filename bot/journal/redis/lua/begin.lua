-- ARGV: lane, token, id. Returns the number of the attempt.
local bad = held(ARGV[1], ARGV[2], ARGV[3])
if bad then return bad end
return {'ok', dec(redis.call('HINCRBY', P .. 'item:' .. ARGV[3], 'attempts', 1))}
