-- ARGV: key of the zset, limit.
local out = {}
for i, id in ipairs(redis.call('ZRANGE', P .. ARGV[1], 0, tonumber(ARGV[2]) - 1)) do out[i] = redis.call('HGET', P .. 'dead', id) end
return out
