package targets

import (
	"testing"
	"time"

	"ancmbench"
)

// Every reading of a memory phase is kept, up to a bound.
func TestMemoryOverTime(t *testing.T) {
	s := &sampling{overTime: map[ancmbench.Role][]ancmbench.MemoryAt{}}
	pss := int64(5)
	for i := range mostReadings + 3 {
		s.keep(map[ancmbench.Role]*ancmbench.MemoryUse{"worker": {PSS: &pss, RSS: 7}}, time.Duration(i)*time.Second)
	}
	got := s.overTime["worker"]
	if len(got) != mostReadings || got[2].At.D() != 2*time.Second || *got[2].PSS != 5 || got[2].RSS != 7 {
		t.Errorf("%d readings, %+v", len(got), got[2])
	}
}

// A phase of half a second has a course of four readings, and a long one a reading a second.
func TestReadingsOfAPhase(t *testing.T) {
	for length, want := range map[time.Duration]time.Duration{100 * time.Millisecond: 100 * time.Millisecond, 500 * time.Millisecond: 100 * time.Millisecond,
		2 * time.Second: 400 * time.Millisecond, time.Minute: time.Second} {
		if got := readEvery(length); got != want {
			t.Errorf("%v: every %v, want %v", length, got, want)
		}
	}
}
