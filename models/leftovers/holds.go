//go:build clr && linux && amd64 && cgo

package leftovers

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"ancmbench/models/ancm/clr"
)

// Holds is what a worker has.
type Holds struct {
	// What the kernel knows. Threads are those beside the pool of .NET, which grows and
	// shrinks as it likes.
	Descriptors, Sockets, Threads, Children int
	Native                                  Native
	// What the app says at /heap: bytes of the managed heap, pinned objects, contexts of
	// requests that something still refers to, and requests that wait.
	Heap, Pinned, Contexts, Waiting int
}

// Native is what a worker says of its own half.
type Native struct {
	PID, Goroutines int
	Counts          clr.Counts
}

func (h Holds) String() string {
	return fmt.Sprintf("%d descriptors (%d sockets), %d threads beside the pool of .NET, %d bytes of managed heap, %d pinned objects, %d contexts of requests, %d waiting requests, %d goroutines, %+v",
		h.Descriptors, h.Sockets, h.Threads, h.Heap, h.Pinned, h.Contexts, h.Waiting, h.Native.Goroutines, h.Native.Counts)
}

// OfProcess returns what the kernel knows of a process. It fails if there is none.
func OfProcess(pid int) (h Holds, err error) {
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return h, err
	}
	h.Descriptors = len(fds)
	for _, fd := range fds {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			h.Sockets++
		}
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, task := range tasks { // which may have ended
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/comm", pid, task.Name()))
		if strings.TrimSpace(string(name)) != ".NET TP Worker" {
			h.Threads++
		}
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		h.Children += len(strings.Fields(string(children)))
	}
	return h, err
}

// FewMore is how many of a kind a worker may have more after a load than before: caches fill,
// and the pool of threads grows and shrinks. A leak has one for each request.
const FewMore = 8

// Leaks returns what a worker that is quiet has too much of, and nil if nothing. before is what
// it had after a load that was alike. moreHeap are bytes: the server's pools keep what the
// busiest moment needed.
func Leaks(before, after Holds, moreHeap int) error {
	var faults []error
	check := func(ok bool, what string) {
		if !ok {
			faults = append(faults, fmt.Errorf("the worker leaks %s: before %v; after %v", what, before, after))
		}
	}
	check(after.Native.PID == before.Native.PID, "its process: it was replaced")
	check(after.Descriptors <= before.Descriptors+FewMore, "descriptors")
	check(after.Sockets <= before.Sockets, "sockets")
	// Go keeps as many as there were calls of the app at once, one for each slot.
	check(after.Threads <= after.Native.Counts.Slots+8*FewMore, "threads")
	check(after.Children <= before.Children, "processes")
	check(after.Native.Goroutines <= before.Native.Goroutines+FewMore, "goroutines")
	check(after.Heap <= before.Heap+moreHeap, "managed memory")
	check(after.Pinned <= before.Pinned+FewMore, "pinned objects")
	check(after.Contexts <= FewMore, "contexts of requests, by handles")
	check(after.Native.Counts.InFlight == 0 && after.Native.Counts.Free == after.Native.Counts.Slots, "slots of the native half")
	check(after.Waiting == 0, "requests whose clients have gone")
	check(after.Native.Counts.BadCompletions == before.Native.Counts.BadCompletions, "completions that nobody waits for")
	return errors.Join(faults...)
}
