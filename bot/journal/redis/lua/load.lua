-- ARGV: stream. Returns counter, version, snapshot's seq ('' when there is none), body, number of its texts, the texts, then records and texts in pairs.
local stream = ARGV[1]
local v = version(stream)
local snap = redis.call('HMGET', P .. 'snap:' .. stream, 'seq', 'body')
local texts = redis.call('LRANGE', P .. 'snaptext:' .. stream, 0, -1)
local out = {redis.call('HGET', P .. 'meta', 'counter') or '0', dec(v), snap[1] or '', snap[2] or '', dec(#texts)}
for _, t in ipairs(texts) do out[#out + 1] = string.sub(t, string.find(t, '\0', 1, true) + 1) end
return addrecords(out, stream, tonumber(snap[1] or '0') + 1, -1)
