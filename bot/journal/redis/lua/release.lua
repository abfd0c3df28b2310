-- ARGV: lane, token.
if fence(ARGV[1], ARGV[2]) then return {'ok'} end
redis.call('HDEL', P .. 'lease', ARGV[1])
redis.call('ZREM', P .. 'leaseend', ARGV[1])
touch(ARGV[1])
return {'ok'}
