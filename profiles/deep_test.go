package profiles

import (
	"strings"
	"testing"
)

// A text that nests as deep as its size allows is a fault, not a crash.
func TestDeepNestingIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"lists":    strings.Repeat("[", maxFile),
		"mappings": strings.Repeat("{a: ", maxFile/4),
		"dashes":   strings.Repeat("- ", maxFile/2),
		"keys":     strings.Repeat("? ", maxFile/2),
		"closed":   strings.Repeat("[", maxFile/2) + strings.Repeat("]", maxFile/2),
		"indents":  staircase(),
		"aliases":  "a: &a [x]\n" + strings.Repeat("b: [*a, *a]\n", maxFile/20),
		"keylong":  strings.Repeat("k", maxFile-10) + ": 3",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("deep.yaml", []byte(text))
			if err == nil {
				t.Fatal("is taken")
			}
			// What is short but deep must not reach the parser.
			bounded := name == "lists" || name == "mappings" || name == "dashes" || name == "keys" || name == "closed"
			if bounded != strings.Contains(err.Error(), "deeper than") {
				t.Error(short(err.Error()))
			}
		})
	}
}

// staircase is as many levels of indentation as fit.
func staircase() string {
	var b strings.Builder
	for i := 0; b.Len()+i+3 < maxFile; i++ {
		b.WriteString(strings.Repeat(" ", i) + "k:\n")
	}
	return b.String()
}
