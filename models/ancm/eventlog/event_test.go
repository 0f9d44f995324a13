package eventlog

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// An event is one line that is harmless on a terminal, whatever the app printed.
func TestEventIsOneHarmlessLine(t *testing.T) {
	e := Event{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Kind: AppEnded, App: "/shop",
		Text: "it ended\nsoon", Output: []string{"\x1b[31mred", "left \u202e right", "c1 \u009b31m"}}
	const want = "2026-03-01T12:00:00.000Z /shop: it ended soon; its last words: ?[31mred | left ? right | c1 ?31m"
	if got := e.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFaults(t *testing.T) {
	for kind, fault := range map[Kind]bool{
		AppStarted: false, AppStopped: false, AppOffline: false, AppOnline: false, LogWritable: false, ConfigChanged: false,
		AppNotStarted: true, AppEnded: true, AppKilled: true, RapidFails: true, LogNotWritable: true, ConfigFaulty: true, WorkerEnded: true,
	} {
		if got := (Event{Kind: kind}).Fault(); got != fault {
			t.Errorf("%s: fault %v", kind, got)
		}
	}
}

func TestLastLines(t *testing.T) {
	if got := LastLines("a\n\nb\nc\n \nd\ne\nf\n"); !slices.Equal(got, []string{"b", "c", "d", "e", "f"}) {
		t.Errorf("the last of six lines: %q", got)
	}
	if got := LastLines(strings.Repeat("x", OutputBytes-2) + "\nbegin\nend"); !slices.Equal(got, []string{"begin", "end"}) {
		t.Errorf("behind a line that is too long: %d lines", len(got))
	}
	if got := LastLines(""); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
}
