-- ARGV: name, value.
setcursor(ARGV[1], ARGV[2])
return {'ok'}
