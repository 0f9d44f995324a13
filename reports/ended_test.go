package reports

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench"
)

// What a time limit cut short says so on the screen; what was measured whole does not.
func TestATimeLimitIsSaid(t *testing.T) {
	for planned, want := range map[int]bool{6: false, 20: true} {
		run := models().run()
		run.State, run.Reason, run.Profile.Launches = ancmbench.Complete, "time limit", planned
		var b bytes.Buffer
		if err := Text(&b, run, analysed(t, run), TextOptions{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "of 20 fresh starts (time limit)"); got != want {
			t.Errorf("%d planned: %v, want %v in\n%s", planned, got, want, b.String())
		}
	}
}
