package ancmbench_test

import (
	"strings"
	"testing"
)

// The README must show the table of docs/peers.md, line by line, so that a new measurement
// updates both.
func TestReadmeShowsThePeers(t *testing.T) {
	kept := map[string]bool{}
	for line := range strings.Lines(read(t, "docs/peers.md")) {
		kept[line] = true
	}
	shown := 0
	for line := range strings.Lines(read(t, "README.md")) {
		if !strings.HasPrefix(line, "ours-") {
			continue
		}
		shown++
		if !kept[line] {
			t.Errorf("README.md shows a line that is not in docs/peers.md: %s", line)
		}
	}
	if shown < 7 {
		t.Errorf("README.md shows %d lines of the table, want all 7 ratios", shown)
	}
}
