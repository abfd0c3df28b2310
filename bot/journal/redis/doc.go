// Package redis is the journal on a Redis server, for several replicas of the bot. It needs the commands of Redis 7.0 (Valkey has them too)
// and Lua scripting; it uses neither functions nor modules.
//
// # Guarantees
//
// A commit is one script, commit.lua: it checks every expectation before it writes anything, and a script runs alone, so that a commit moves
// all or nothing. What can make a server refuse writes (a replica, memory, a full disk) refuses the first one.
//
// A commit whose answer was lost is asked for. Every commit has an id of its own, which the script keeps for two minutes with what it
// returned. Asking marks an id that is not there as void, and the script does nothing under a void id: after an answer it is certain that
// the commit happened, or that it never will, even if it still lies in a socket somewhere. Only when asking fails too, or the
// context has ended, the caller gets journal.ErrUnknown.
//
// A cancelled context does not interrupt a call that is on the wire (go-redis cannot); a deadline does, and the call timeout of 5 s.
//
// Durability is the server's: `appendonly yes` and `appendfsync always` keep everything that was acknowledged, everysec may lose a second, a
// failover what had not reached the replica. Store.Check says what is missing.
//
// # Keys
//
// Every key begins with "{tocsin:<installation>}:", so that all lie in one slot of a cluster: a cluster gives failover, not scale. Scripts
// get that prefix as their one key and build the others from it. Times are microseconds since 1970, numbers decimal.
//
//	meta             hash: format "1", counter, and the last n, touch, token, dead given out
//	head             hash: stream -> "version hash"
//	streams          zset: incident number -> stream (the house at 2^53)
//	log:<stream>     list: prev (64 hex, zeros for the first), hash (64 hex), body
//	text:<stream>    hash: seq -> JSON []journal.Sealed
//	erased:<stream>  set of digests
//	snap:<stream>    hash: seq, body
//	snaptext:<stream> list: digest 0x00 JSON journal.Sealed
//	row, rows, open  hash stream -> JSON; zset number -> stream, of all and of those whose row is open
//	due              zset: time -> stream
//	key:<name>       string: outcome, with an expiry
//	claim, blob, cursor  hashes
//	item:<id>        hash: n, lane, json (journal.Item as it came), attempts, nb (not before), err
//	items, lane:<lane>  zsets: n -> id, of all lanes and of one
//	lanes            zset: touch -> lane, of the lanes that have items
//	laneuntil        zset: not before -> lane
//	lease            hash: lane -> "token until owner"
//	leaseend         zset: until -> lane
//	dead, deadin     hashes: id -> JSON, id -> stream
//	deads, deadof:<stream>  zsets: n -> id
//	pause:<bucket>   string: until, with an expiry
//	alive            zset: until -> owner
//	op:<id>          string: what a commit returned, or "void"; with an expiry
//	ping             string, with an expiry
//
// # Decisions
//
// Bodies are passed and stored as strings and never through cjson, which would change numbers and empty arrays.
//
// Leases are hash fields compared with the server's TIME and not keys that expire: a lease that ran out and that nobody took still counts, and
// its token must be known to be the newest.
//
// Writes are never repeated by the client library (MaxRetries -1): it would run a script again whose answer was lost. Reads are repeated
// here, three times, while the server loads or fails over.
package redis
