package models

import (
	"runtime"
	"testing"
	"time"
)

// The pauses of this process are named one by one with their ends; once there were more
// than the runtime remembers, so is from when on they are complete.
func TestPausesOfThisProcess(t *testing.T) {
	before := time.Now()
	runtime.GC()
	got := goRuntime()
	last := 0
	for _, p := range got.Pauses {
		if p.End.After(before) && p.Length > 0 {
			last++
		}
	}
	if last == 0 || got.GCPauses <= 0 {
		t.Errorf("no pause after a collection: %+v", got)
	}
	for range 300 {
		runtime.GC()
	}
	if many := goRuntime(); len(many.Pauses) != 256 || !many.PausesFrom.After(before) {
		t.Errorf("%d pauses, complete from %v", len(many.Pauses), many.PausesFrom)
	}
}

// Two processes of a role know all pauses only from the later of their instants on.
func TestSumOfRuntimes(t *testing.T) {
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	a := Runtime{Pauses: []Pause{{Length: 1}}, PausesFrom: early}
	b := Runtime{Pauses: []Pause{{Length: 2}}, PausesFrom: late}
	for _, s := range []Runtime{sum(a, b), sum(b, a)} {
		if len(s.Pauses) != 2 || !s.PausesFrom.Equal(late) {
			t.Errorf("%+v", s)
		}
	}
}
