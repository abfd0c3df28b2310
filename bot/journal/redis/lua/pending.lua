-- ARGV: key of the zset, limit. Returns id, lane, json, attempts, not before, last error of each.
local out = {}
for _, id in ipairs(redis.call('ZRANGE', P .. ARGV[1], 0, tonumber(ARGV[2]) - 1)) do
  out[#out + 1] = id
  for _, v in ipairs(redis.call('HMGET', P .. 'item:' .. id, 'lane', 'json', 'attempts', 'nb', 'err')) do out[#out + 1] = v end
end
return out
