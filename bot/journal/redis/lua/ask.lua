-- What a commit returned, by its id; an id that is not there becomes void, so that the commit can never happen any more.
local op = P .. 'op:' .. ARGV[1]
local before = redis.call('GET', op)
if before then return before end
redis.call('SET', op, 'void', 'PX', ARGV[2])
return 'void'
