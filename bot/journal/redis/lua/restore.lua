-- ARGV: id, lane, json, attempts, not before, last error of each.
for i = 1, #ARGV, 6 do additem(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]) end
return {'ok'}
