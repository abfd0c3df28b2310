-- ARGV: lane, owner, ttl (us). Returns token and until, or nothing.
local token, till = take(ARGV[1], ARGV[2], tonumber(ARGV[3]))
if token then return {token, till} end
return {}
