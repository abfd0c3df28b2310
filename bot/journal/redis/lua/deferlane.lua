-- ARGV: lane, token, not before.
local bad = fence(ARGV[1], ARGV[2])
if bad then return bad end
if ARGV[3] == '' then redis.call('ZREM', P .. 'laneuntil', ARGV[1]) else redis.call('ZADD', P .. 'laneuntil', ARGV[3], ARGV[1]) end
touch(ARGV[1])
return {'ok'}
