package usage

import (
	"errors"
	"os"
	"runtime"
	"testing"
)

// TestReadSwitchesCountsAllThreads: two threads that hand a word to and fro
// switch at least once per turn, and neither need be the main thread.
func TestReadSwitchesCountsAllThreads(t *testing.T) {
	const turns = 2000
	before, err := ReadSwitches([]int{os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	ping, pong, err := pipes()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- handOver(ping.r, pong.w, turns)
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := errors.Join(handFirst(ping.w, pong.r, turns), <-done); err != nil {
		t.Fatal(err)
	}
	after, err := ReadSwitches([]int{os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	if n := after.Voluntary + after.Involuntary - before.Voluntary - before.Involuntary; n < turns {
		t.Errorf("%d switches for %d turns", n, turns)
	}
}

func TestReadSwitchesOfEndedProcess(t *testing.T) {
	c := startChild(t, "idle", nil)
	c.end()
	if s, err := ReadSwitches([]int{c.pid()}); !errors.Is(err, ErrGone) {
		t.Errorf("got %+v, %v; want %v", s, err, ErrGone)
	}
	if s, err := ReadSwitches(nil); err == nil {
		t.Errorf("no processes: got %+v, want an error", s)
	}
}
