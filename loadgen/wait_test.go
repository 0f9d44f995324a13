package loadgen

import (
	"testing"
	"time"
)

// A waiter never returns before its time, in any of its ways.
func TestWaiterIsNeverEarly(t *testing.T) {
	for _, spin := range []string{Precise, Balanced, Idle, ""} {
		w, err := NewWaiter(spin)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{-time.Second, 0, 10 * time.Microsecond, 3 * time.Millisecond, 30 * time.Millisecond} {
			at := time.Now().Add(d)
			if !w.Until(at, nil) || time.Now().Before(at) {
				t.Errorf("%s: %v: early", spin, d)
			}
		}
		if spin == Idle && w.Spun() > time.Second || w.Spun() < 0 {
			t.Errorf("%s: spun %v", spin, w.Spun())
		}
	}
	if _, err := NewWaiter("fast"); err == nil {
		t.Error("fast: accepted")
	}
}

func TestWaiterStops(t *testing.T) {
	w, err := NewWaiter(Idle)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go close(stop)
	if w.Until(time.Now().Add(time.Hour), stop) {
		t.Error("an hour has passed")
	}
}
