//go:build race

package runbooks

// raced says that the race detector is on.
const raced = true
