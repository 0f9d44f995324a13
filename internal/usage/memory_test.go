package usage

import (
	"errors"
	"os"
	"testing"
)

func TestReadMemory(t *testing.T) {
	idle, hold := startChild(t, "idle", nil), startChild(t, "hold", nil)
	small, missing, err := ReadMemory([]int{idle.pid()})
	if err != nil {
		t.Fatal(err)
	}
	large, _, err := ReadMemory([]int{hold.pid()})
	if err != nil {
		t.Fatal(err)
	}
	both, _, err := ReadMemory([]int{idle.pid(), hold.pid()})
	if err != nil {
		t.Fatal(err)
	}
	// Both are the same program; one has allocated a block more.
	const slack = 8 << 20
	check := func(field string, small, large, both *int64) {
		t.Helper()
		why := missing[field]
		if (small == nil) != (why != "") {
			t.Errorf("%s: value %v, reason %q: exactly one is to be there", field, small, why)
		}
		if small == nil || large == nil || both == nil {
			return
		}
		if *small <= 0 {
			t.Errorf("%s: %d", field, *small)
		}
		if d := *large - *small; d < blockBytes-slack || d > blockBytes+slack {
			t.Errorf("%s: %d more, want about %d", field, d, blockBytes)
		}
		if sum := *small + *large; *both < sum-slack || *both > sum+slack {
			t.Errorf("%s: %d together, want about %d", field, *both, sum)
		}
	}
	check("rss_bytes", &small.RSS, &large.RSS, &both.RSS)
	check("pss_bytes", small.PSS, large.PSS, both.PSS)
	check("uss_bytes", small.USS, large.USS, both.USS)
	check("peak_rss_bytes", small.PeakRSS, large.PeakRSS, both.PeakRSS)
	if small.PSS != nil && (*small.USS > *small.PSS || *small.PSS > small.RSS || small.RSS > *small.PeakRSS) {
		t.Errorf("want USS <= PSS <= RSS <= peak, got %d, %d, %d, %d", *small.USS, *small.PSS, small.RSS, *small.PeakRSS)
	}
}

func TestReadMemoryOfEndedProcess(t *testing.T) {
	c := startChild(t, "idle", nil)
	c.end()
	for _, pids := range [][]int{{c.pid()}, {os.Getpid(), c.pid()}} {
		if use, _, err := ReadMemory(pids); !errors.Is(err, ErrGone) {
			t.Errorf("%v: got %+v, %v; want %v", pids, use, err, ErrGone)
		}
	}
	if _, _, err := ReadMemory(nil); err == nil {
		t.Error("no processes: want an error, not a zero")
	}
}
