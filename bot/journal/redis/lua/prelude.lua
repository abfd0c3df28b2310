-- Common to all scripts. KEYS[1] is the prefix of every key; it is no key itself.
local P = KEYS[1]

-- Decimal text of a whole number; tostring would write large ones as 1.7e+15.
local function dec(n) return string.format('%.0f', n) end

local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

local function version(stream)
  local h = redis.call('HGET', P .. 'head', stream)
  if not h then return 0, '' end
  local v, hash = string.match(h, '^(%d+) (%x*)$')
  return tonumber(v), hash
end

-- The newest lease of a lane: token (text), until (number), owner; nil when there is none.
local function lease(lane)
  local l = redis.call('HGET', P .. 'lease', lane)
  if not l then return nil end
  local token, ends, owner = string.match(l, '^(%d+) (%d+) (.*)$')
  return token, tonumber(ends), owner
end

local function conflict(what, name, owner, outcome)
  return {'conflict', what, name, owner or '', outcome or ''}
end

-- A conflict, unless the token is that of the lane's newest lease.
local function fence(lane, token)
  local t, _, owner = lease(lane)
  if t ~= token then return conflict('lease', lane, owner) end
end

-- A touched lane is the last to be looked at again.
local function touch(lane)
  if redis.call('ZSCORE', P .. 'lanes', lane) then
    redis.call('ZADD', P .. 'lanes', dec(redis.call('HINCRBY', P .. 'meta', 'touch', 1)), lane)
  end
end

-- Takes a lane that is free, that ran out, or that is the owner's own: token and until, or nil.
local function take(lane, owner, ttl)
  local t = now()
  local token, ends, holder = lease(lane)
  if token and holder ~= owner and ends > t then return nil end
  if not token or holder ~= owner then token = dec(redis.call('HINCRBY', P .. 'meta', 'token', 1)) end
  local till = dec(t + ttl)
  redis.call('HSET', P .. 'lease', lane, token .. ' ' .. till .. ' ' .. owner)
  redis.call('ZADD', P .. 'leaseend', till, lane)
  touch(lane)
  return token, till
end

-- Queues an item at the end of its lane; one that is there is left alone.
local function additem(id, lane, json, attempts, nb, err)
  local key = P .. 'item:' .. id
  if redis.call('EXISTS', key) == 1 then return end
  local n = dec(redis.call('HINCRBY', P .. 'meta', 'n', 1))
  redis.call('HSET', key, 'n', n, 'lane', lane, 'json', json, 'attempts', attempts, 'nb', nb, 'err', err)
  redis.call('ZADD', P .. 'items', n, id)
  redis.call('ZADD', P .. 'lane:' .. lane, n, id)
  if not redis.call('ZSCORE', P .. 'lanes', lane) then
    redis.call('ZADD', P .. 'lanes', dec(redis.call('HINCRBY', P .. 'meta', 'touch', 1)), lane)
  end
end

local function dropitem(id)
  local key = P .. 'item:' .. id
  local lane = redis.call('HGET', key, 'lane')
  if not lane then return end
  redis.call('DEL', key)
  redis.call('ZREM', P .. 'items', id)
  redis.call('ZREM', P .. 'lane:' .. lane, id)
  if redis.call('ZCARD', P .. 'lane:' .. lane) == 0 then redis.call('ZREM', P .. 'lanes', lane) end
end

-- A conflict or 'none', unless the lease is the newest and the item is in its lane.
local function held(lane, token, id)
  local c = fence(lane, token)
  if c then return c end
  if redis.call('HGET', P .. 'item:' .. id, 'lane') ~= lane then return {'none'} end
end

local function setdue(stream, at)
  if at == '' then redis.call('ZREM', P .. 'due', stream) else redis.call('ZADD', P .. 'due', at, stream) end
end

local function setcursor(name, value)
  if value == '' then redis.call('HDEL', P .. 'cursor', name) else redis.call('HSET', P .. 'cursor', name, value) end
end

-- Record number seq of a stream's log and its texts, appended to out.
local function addrecords(out, stream, first, last)
  local log = redis.call('LRANGE', P .. 'log:' .. stream, first - 1, last)
  for i, r in ipairs(log) do
    out[#out + 1] = r
    out[#out + 1] = redis.call('HGET', P .. 'text:' .. stream, dec(first + i - 1)) or ''
  end
  return out
end
