-- ARGV: owner, ttl (us).
redis.call('ZADD', P .. 'alive', dec(now() + tonumber(ARGV[2])), ARGV[1])
return {'ok'}
