package host

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// threadSets returns the cores of each thread of this process.
func threadSets(t *testing.T) [][]int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]int
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &set); err != nil {
			continue // it has ended
		}
		var ids []int
		for i := 0; len(ids) < set.Count(); i++ {
			if set.IsSet(i) {
				ids = append(ids, i)
			}
		}
		out = append(out, ids)
	}
	return out
}

// TestPin: every thread is bound, those that begin later too, and undo puts all
// back.
func TestPin(t *testing.T) {
	before, err := affinity()
	if err != nil {
		t.Fatal(err)
	}
	if len(before) < 2 {
		t.Skip("one core cannot show that a process is bound to one")
	}
	last := before[len(before)-1:]
	undo, err := Pin(last)
	if err != nil {
		t.Fatal(err)
	}
	started, stop := make(chan struct{}), make(chan struct{})
	defer close(stop)
	for range 4 {
		go func() {
			runtime.LockOSThread() // a thread of its own
			defer runtime.UnlockOSThread()
			started <- struct{}{}
			<-stop
		}()
	}
	for range 4 {
		<-started
	}
	for _, set := range threadSets(t) {
		if !slices.Equal(set, last) {
			t.Errorf("a thread may run on %v, want %v", set, last)
		}
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	for _, set := range threadSets(t) {
		if !slices.Equal(set, before) {
			t.Errorf("undone: a thread may run on %v, want %v", set, before)
		}
	}
}

func TestPinRefuses(t *testing.T) {
	before, err := affinity()
	if err != nil {
		t.Fatal(err)
	}
	for _, cores := range [][]int{nil, {-1}, {1 << 20}, {1023}} {
		if undo, err := Pin(cores); err == nil {
			t.Errorf("%v: want an error", cores)
			if err := undo(); err != nil {
				t.Fatal(err)
			}
		}
		if now, err := affinity(); err != nil || !slices.Equal(now, before) {
			t.Errorf("%v: the process may now run on %v, %v; want %v", cores, now, err, before)
		}
	}
}
