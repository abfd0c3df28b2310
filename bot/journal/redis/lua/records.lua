-- ARGV: stream, from, limit. Returns records and their texts in pairs.
local from = tonumber(ARGV[2])
return addrecords({}, ARGV[1], from, from + tonumber(ARGV[3]) - 2)
