-- ARGV: bucket, until (us). A pause is never shortened.
local key, till = P .. 'pause:' .. ARGV[1], tonumber(ARGV[2])
local old = redis.call('GET', key)
if till > now() and (not old or tonumber(old) < till) then
  redis.call('SET', key, ARGV[2], 'PXAT', dec(math.floor(till / 1000) + 1))
end
return {'ok'}
