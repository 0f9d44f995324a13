package page

import (
	"strings"
	"testing"
)

func TestWrapKeepsUnits(t *testing.T) {
	for width := 8; width < 60; width++ {
		for _, l := range wrap("it takes 225 µs instead of 101 µs, and 7.18 MB. At 400 requests/s that is 95 % sure", width) {
			for _, unit := range []string{"µs", "MB", "requests/s", "%"} {
				if strings.HasPrefix(l, unit) {
					t.Fatalf("width %d: a line begins with %q: %q", width, unit, l)
				}
			}
			if len([]rune(l)) > max(width, 14) {
				t.Fatalf("width %d: %q is longer", width, l)
			}
		}
	}
}
