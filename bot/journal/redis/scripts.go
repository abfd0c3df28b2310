package redis

import (
	"embed"

	goredis "github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var files embed.FS

// The scripts, each with the prelude before it.
var (
	commitScript    = script("commit")
	askScript       = script("ask")
	loadScript      = script("load")
	recordsScript   = script("records")
	rowsScript      = script("rows")
	pendingScript   = script("pending")
	deadScript      = script("dead")
	lanesScript     = script("lanes")
	leaseScript     = script("lease")
	releaseScript   = script("release")
	beginScript     = script("begin")
	deferScript     = script("defer")
	deferLaneScript = script("deferlane")
	settleScript    = script("settle")
	restoreScript   = script("restore")
	setDueScript    = script("setdue")
	setCursorScript = script("setcursor")
	pauseScript     = script("pause")
	aliveScript     = script("alive")
	replicasScript  = script("replicas")
	forgetScript    = script("forget")
)

// script reads an embedded script; one that is missing is a mistake of the build, told at once.
func script(name string) *goredis.Script {
	prelude, err := files.ReadFile("lua/prelude.lua")
	if err != nil {
		panic(err)
	}
	body, err := files.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err)
	}
	return goredis.NewScript(string(prelude) + "\n" + string(body))
}
