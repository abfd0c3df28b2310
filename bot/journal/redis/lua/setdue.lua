-- ARGV: stream, version, time.
if version(ARGV[1]) ~= tonumber(ARGV[2]) then return conflict('version', ARGV[1]) end
setdue(ARGV[1], ARGV[3])
return {'ok'}
