package incident

import (
	"cmp"
	"maps"
	"slices"
)

// sortedKeys returns the keys of m in order: nothing in this package may depend on map order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
