//go:build clr && linux && amd64 && cgo

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"ancmbench/models/ancm/clr"
)

// Bounds of what a worker may have more after the load than before: caches that fill, a
// thread pool that grows and shrinks.
const (
	fewMore  = 8
	moreHeap = 256 << 20 // bytes: the server's pools keep what the busiest moment needed
)

// holds is what a process has.
type holds struct {
	descriptors, sockets, threads, children int
	native                                  report
	heap, pinned, contexts, waiting         int
}

func (h holds) String() string {
	return fmt.Sprintf("%d descriptors (%d sockets), %d threads beside the pool of .NET, %d bytes of managed heap, %d pinned objects, %d contexts of requests, %d waiting requests, %d goroutines, %+v",
		h.descriptors, h.sockets, h.threads, h.heap, h.pinned, h.contexts, h.waiting, h.native.Goroutines, h.native.Counts)
}

// report is what a worker says of its native half.
type report struct {
	PID, Goroutines int
	Counts          clr.Counts
}

// ofProcess returns what the kernel knows of a process.
func ofProcess(pid int) (h holds, err error) {
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return h, err
	}
	h.descriptors = len(fds)
	for _, fd := range fds {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			h.sockets++
		}
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, task := range tasks { // which may have ended
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/comm", pid, task.Name()))
		if strings.TrimSpace(string(name)) != ".NET TP Worker" {
			h.threads++
		}
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		h.children += len(strings.Fields(string(children)))
	}
	return h, err
}

// laps are the parts of a kept worker's load. Those before settled fill caches, and make
// the pool of threads as large as it gets.
const laps, settled = 4, 2

// keep loads one worker, and compares what it holds when it is quiet, after half of the
// load and after all of it.
func (s *site) keep(ctx context.Context) error {
	end, _ := ctx.Deadline()
	part := time.Until(end) / laps
	var before, after holds
	for i := range laps {
		lap, done := context.WithTimeout(context.Background(), part)
		s.load(lap)
		done()
		var err error
		if after, err = s.quiet(); err != nil {
			return err
		}
		fmt.Printf("a quiet worker after lap %d: %v\n", i+1, after)
		if i+1 == settled {
			before = after
		}
	}
	var faults []error
	check := func(ok bool, what string) {
		if !ok {
			faults = append(faults, errors.New("the worker leaks "+what))
		}
	}
	check(after.native.PID == before.native.PID, "its process: it was replaced")
	check(after.descriptors <= before.descriptors+fewMore, "descriptors")
	check(after.sockets <= before.sockets, "sockets")
	// Go keeps as many as there were calls of the app at once, one for each slot.
	check(after.threads <= after.native.Counts.Slots+8*fewMore, "threads")
	check(after.native.Goroutines <= before.native.Goroutines+fewMore, "goroutines")
	check(after.heap <= before.heap+moreHeap, "managed memory")
	check(after.pinned <= before.pinned+fewMore, "pinned objects")
	check(after.contexts <= fewMore, "contexts of requests, by handles")
	check(after.native.Counts.BadCompletions == 0, "completions that nobody waits for")
	return errors.Join(faults...)
}

// quiet ends the collecting, waits until no request is anywhere in the worker, and returns
// what it holds.
func (s *site) quiet() (h holds, err error) {
	s.ask("GET", "/collect/0", "")
	for end := time.Now().Add(2 * time.Minute); ; <-time.After(200 * time.Millisecond) {
		pid := s.worker()
		if h, err = ofProcess(pid); err != nil {
			return h, err
		}
		text, ok := s.ask("GET", "/heap", "")
		s.client.CloseIdleConnections()
		if _, err := fmt.Sscan(text, &h.heap, &h.pinned, &h.contexts, &h.waiting); !ok || err != nil {
			return h, fmt.Errorf("GET /heap: %s", text)
		}
		b, err := os.ReadFile(s.counts)
		if err == nil {
			err = json.Unmarshal(b, &h.native)
		}
		if err != nil {
			return h, err
		}
		c := h.native.Counts
		// Sockets: the site's, the control channel's and the one of .NET for diagnostics.
		if h.native.PID == pid && c.InFlight == 0 && c.Free == c.Slots && h.waiting == 0 && h.sockets <= 3 {
			return h, nil
		}
		if time.Now().After(end) {
			sockets, _ := exec.Command("ss", "-tnp").CombinedOutput()
			return h, fmt.Errorf("the worker does not become quiet: %v\n%s", h, sockets)
		}
	}
}
