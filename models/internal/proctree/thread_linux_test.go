package proctree

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The main thread never ends, so what was started from it would never get its
// signal. Goroutines run on it as on any other: of so many some would.
func TestThreadIsNotTheMainThread(t *testing.T) {
	seen := map[int]bool{}
	for range 500 {
		thread := NewThread()
		tid := make(chan int, 1)
		thread.work <- func() { tid <- unix.Gettid() }
		now := <-tid
		thread.Close()
		if now == unix.Getpid() {
			t.Fatal("the thread is the main one")
		}
		seen[now] = true
	}
	if len(seen) < 2 {
		t.Errorf("500 threads were %d", len(seen))
	}
}
