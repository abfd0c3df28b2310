//go:build !race

package bot_test

// raced says that the race detector is on.
const raced = false
