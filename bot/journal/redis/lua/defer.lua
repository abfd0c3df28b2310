-- ARGV: lane, token, id, not before, reason.
local bad = held(ARGV[1], ARGV[2], ARGV[3])
if bad then return bad end
redis.call('HSET', P .. 'item:' .. ARGV[3], 'nb', ARGV[4], 'err', ARGV[5])
return {'ok'}
