-- ARGV: limit, how long (us) a lease that ran out is kept. Keys, pauses and ids of commits expire by themselves.
local n, limit, t = 0, tonumber(ARGV[1]), now()
local function over(zset, till, f)
  for _, m in ipairs(redis.call('ZRANGEBYSCORE', P .. zset, '-inf', dec(till), 'LIMIT', 0, limit - n)) do
    redis.call('ZREM', P .. zset, m)
    if f then f(m) end
    n = n + 1
  end
end
over('alive', t)
over('laneuntil', t)
over('leaseend', t - tonumber(ARGV[2]), function(lane) redis.call('HDEL', P .. 'lease', lane) end)
return {dec(n)}
