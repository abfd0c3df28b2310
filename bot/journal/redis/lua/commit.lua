-- The commit. ARGV[1] is its id, ARGV[2] how long (ms) the id is kept. Then come instructions: a name, the number of its arguments, the arguments.
-- Expectations first, in the order in which a conflict names them, then 'write', then what is written.
-- Returns {'ok', JSON of the leases taken}, {'conflict', ...}, {'broken', stream, seq}, {'ahead', stream, version}, or {'seen', what the id returned before}.
local op = P .. 'op:' .. ARGV[1]
local before = redis.call('GET', op)
if before then return {'seen', before} end

local expect = {}
function expect.absent(name)
  local outcome = redis.call('GET', P .. 'key:' .. name)
  if outcome then return conflict('key', name, '', outcome) end
end
function expect.lease(lane, token) return fence(lane, token) end
function expect.version(stream, v)
  if version(stream) ~= tonumber(v) then return conflict('version', stream) end
end
function expect.counter(n)
  if tonumber(redis.call('HGET', P .. 'meta', 'counter') or '0') ~= tonumber(n) then return conflict('counter', 'incidents') end
end
function expect.claim(name, owner)
  local is = redis.call('HGET', P .. 'claim', name) or ''
  if is ~= owner then return conflict('claim', name, is) end
end
-- The first record of a stream in this commit: it continues what is there.
function expect.continues(stream, seq, prev)
  local v, hash = version(stream)
  if v + 1 ~= tonumber(seq) then return conflict('version', stream) end
  if hash ~= prev then return {'broken', stream, seq} end
end
-- A snapshot of a stream that this commit adds nothing to.
function expect.upto(stream, seq)
  local v = version(stream)
  if tonumber(seq) > v then return {'ahead', stream, dec(v)} end
end

local i = 3
while ARGV[i] ~= 'write' do
  local n = tonumber(ARGV[i + 1])
  local bad = expect[ARGV[i]](ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
  if bad then return bad end
  i = i + 2 + n
end

-- From here on everything is written.
local taken, ours, owner, ttl = {}, {}, nil, nil
local write = {}
function write.log(a)
  local stream, number, seq = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  redis.call('RPUSH', P .. 'log:' .. stream, ARGV[a + 3])
  redis.call('HSET', P .. 'head', stream, seq .. ' ' .. ARGV[a + 4])
  redis.call('ZADD', P .. 'streams', number, stream)
  if ARGV[a + 5] ~= '' then redis.call('HSET', P .. 'text:' .. stream, seq, ARGV[a + 5]) end
end
function write.counter(a) redis.call('HSET', P .. 'meta', 'counter', ARGV[a]) end
function write.key(a)
  if ARGV[a + 2] == '0' then
    redis.call('SET', P .. 'key:' .. ARGV[a], ARGV[a + 1])
  else
    redis.call('SET', P .. 'key:' .. ARGV[a], ARGV[a + 1], 'PX', ARGV[a + 2])
  end
end
function write.claim(a)
  if ARGV[a + 1] == '' then redis.call('HDEL', P .. 'claim', ARGV[a]) else redis.call('HSET', P .. 'claim', ARGV[a], ARGV[a + 1]) end
end
function write.snap(a, n)
  local stream = ARGV[a]
  redis.call('HSET', P .. 'snap:' .. stream, 'seq', ARGV[a + 1], 'body', ARGV[a + 2])
  redis.call('DEL', P .. 'snaptext:' .. stream)
  for t = a + 3, a + n - 1, 2 do
    if redis.call('SISMEMBER', P .. 'erased:' .. stream, ARGV[t]) == 0 then
      redis.call('RPUSH', P .. 'snaptext:' .. stream, ARGV[t] .. '\0' .. ARGV[t + 1])
    end
  end
end
function write.row(a)
  local stream, number, open = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  redis.call('HSET', P .. 'row', stream, ARGV[a + 3])
  redis.call('ZADD', P .. 'rows', number, stream)
  if open == '1' then redis.call('ZADD', P .. 'open', number, stream) else redis.call('ZREM', P .. 'open', stream) end
end
function write.norow(a)
  redis.call('HDEL', P .. 'row', ARGV[a])
  redis.call('ZREM', P .. 'rows', ARGV[a])
  redis.call('ZREM', P .. 'open', ARGV[a])
end
function write.due(a) setdue(ARGV[a], ARGV[a + 1]) end
function write.blob(a) redis.call('HSETNX', P .. 'blob', ARGV[a], ARGV[a + 1]) end
function write.cursor(a) setcursor(ARGV[a], ARGV[a + 1]) end
function write.bury(a)
  local id, stream = ARGV[a], ARGV[a + 1]
  local n = redis.call('ZSCORE', P .. 'deads', id)
  if not n then
    n = dec(redis.call('HINCRBY', P .. 'meta', 'dead', 1))
    redis.call('ZADD', P .. 'deads', n, id)
  end
  local old = redis.call('HGET', P .. 'deadin', id)
  if old and old ~= '' then redis.call('ZREM', P .. 'deadof:' .. old, id) end
  redis.call('HSET', P .. 'deadin', id, stream)
  redis.call('HSET', P .. 'dead', id, ARGV[a + 2])
  if stream ~= '' then redis.call('ZADD', P .. 'deadof:' .. stream, n, id) end
end
function write.settle(a) dropitem(ARGV[a]) end
function write.take(a) owner, ttl = ARGV[a], tonumber(ARGV[a + 1]) end
function write.lane(a)
  local token, till = take(ARGV[a], owner, ttl)
  if token then
    ours[ARGV[a]] = true
    taken[#taken + 1] = {ARGV[a], token, till}
  end
end
function write.item(a)
  local attempts = ARGV[a + 3]
  if ours[ARGV[a + 1]] then attempts = dec(tonumber(attempts) + 1) end
  additem(ARGV[a], ARGV[a + 1], ARGV[a + 2], attempts, ARGV[a + 4], ARGV[a + 5])
end
-- Texts go, from the snapshot too, and their digests are remembered so that no later snapshot brings them back.
function write.erase(a)
  local stream, seq = ARGV[a], ARGV[a + 1]
  local texts = redis.call('HGET', P .. 'text:' .. stream, seq)
  if not texts then return end
  for _, t in ipairs(cjson.decode(texts)) do redis.call('SADD', P .. 'erased:' .. stream, t.d) end
  redis.call('HDEL', P .. 'text:' .. stream, seq)
  local snap = P .. 'snaptext:' .. stream
  for _, t in ipairs(redis.call('LRANGE', snap, 0, -1)) do
    local digest = string.sub(t, 1, string.find(t, '\0', 1, true) - 1)
    if redis.call('SISMEMBER', P .. 'erased:' .. stream, digest) == 1 then redis.call('LREM', snap, 0, t) end
  end
end

i = i + 1
while i <= #ARGV do
  local n = tonumber(ARGV[i + 1])
  write[ARGV[i]](i + 2, n)
  i = i + 2 + n
end
local leases = '[]' -- cjson writes an empty table as {}
if #taken > 0 then leases = cjson.encode(taken) end
redis.call('SET', op, leases, 'PX', ARGV[2])
return {'ok', leases}
