-- ARGV: 'rows' or 'open', the bound below which to begin, limit.
local out = {}
for i, stream in ipairs(redis.call('ZREVRANGEBYSCORE', P .. ARGV[1], ARGV[2], '-inf', 'LIMIT', 0, ARGV[3])) do
  out[i] = redis.call('HGET', P .. 'row', stream)
end
return out
