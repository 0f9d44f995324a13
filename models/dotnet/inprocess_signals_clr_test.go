//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ancmbench/models"
)

// maskOf returns the blocked signals (signal n is bit n-1) in a status file of /proc.
func maskOf(t *testing.T, status string) (mask uint64) {
	t.Helper()
	_, after, _ := strings.Cut(status, "SigBlk:")
	if _, err := fmt.Sscanf(after, "%x", &mask); err != nil {
		t.Fatalf("%v in %q", err, status)
	}
	return mask
}

// Signals from outside come to Go's threads, never to one of the runtime's, which Go does not
// know; the runtime can suspend each of its own; and a program that the app starts begins with
// none blocked.
func inMasks(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	p.again(t)
	worker := pidOf(t, p.Site, models.RoleWorker)
	var all sync.WaitGroup
	for range 16 { // the pool starts threads from Go's
		all.Go(func() { p.ask("/sleep/100") })
	}
	all.Wait()
	until(t, "every thread of the runtime's blocks Go's signals and not its own", func() bool { // one that starts or ends blocks all
		wrong := unmasked(t, worker)
		if wrong != "" {
			t.Log(wrong)
		}
		return wrong == ""
	})
	code, status, _ := p.ask("/program")
	if code != 200 || maskOf(t, status) != 0 {
		t.Errorf("a program that the app starts: %d, %q; want that it blocks no signal", code, status)
	}
	for range 200 {
		if err := syscall.Kill(worker, syscall.SIGPIPE); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := p.again(t), fmt.Sprint("hello from ", worker); got != want {
		t.Errorf("after SIGPIPE: %q, want %q", got, want)
	}
}

// unmasked names a thread of the runtime's in a worker that gets Go's signals, or that the
// runtime cannot suspend; "" if its pool has threads and none does.
func unmasked(t *testing.T, worker int) string {
	t.Helper()
	const suspend = 34
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", worker))
	if err != nil {
		t.Fatal(err)
	}
	wrong := "no thread of the runtime's pool"
	for _, thread := range threads {
		name, err := os.ReadFile(filepath.Join(thread, "comm"))
		status, e := os.ReadFile(filepath.Join(thread, "status"))
		if err != nil || e != nil || !strings.HasPrefix(string(name), ".NET") {
			continue // it has ended, or is not the runtime's
		}
		if strings.HasPrefix(string(name), ".NET TP Worker") {
			wrong = ""
		}
		mask := maskOf(t, string(status))
		if mask>>(syscall.SIGPIPE-1)&1 == 0 || mask>>(syscall.SIGTERM-1)&1 == 0 || mask>>(suspend-1)&1 == 1 {
			return fmt.Sprintf("%s blocks %#x: want SIGPIPE and SIGTERM, and not %d", strings.TrimSpace(string(name)), mask, suspend)
		}
	}
	return wrong
}
