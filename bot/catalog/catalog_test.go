package catalog

import (
	"maps"
	"slices"
	"testing"
)

func TestEveryMessageInBothLanguages(t *testing.T) {
	if compileError != nil {
		t.Fatal(compileError)
	}
	for _, key := range slices.Sorted(maps.Keys(messages)) {
		m := messages[key]
		if m[English] == nil || m[French] == nil {
			t.Errorf("%s lacks a language", key)
			continue
		}
		en, fr := map[string]nodeKind{}, map[string]nodeKind{}
		placeholders(m[English], en)
		placeholders(m[French], fr)
		if !maps.Equal(en, fr) {
			t.Errorf("%s: English uses %v, French %v", key, en, fr)
		}
	}
}
