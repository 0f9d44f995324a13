//go:build clr && linux && amd64 && cgo

package clr

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"ancmbench/models/ancm/clr/clrtest"
	"ancmbench/models/httpsys"
)

// A thread of the front's that has called the app does not get the signal by which the runtime
// suspends threads: its handler would run on a goroutine's stack. A thread that the runtime
// starts in such a call gets it, and none of those that are Go's.
func TestSignalsOfThreads(t *testing.T) {
	const suspend = 34
	a := app(t)
	a.transport(Direct)
	t.Cleanup(func() { a.transport(Rings) })
	clean(t)
	at := "http://" + front(t, httpsys.Options{})
	ask(t, http.DefaultClient, "GET", at+"/hello")
	caller, started := clrtest.Masks()
	blocked := func(mask uint64, sig int) bool { return mask>>(sig-1)&1 == 1 }
	for sig, want := range map[syscall.Signal]bool{syscall.SIGPIPE: true, syscall.SIGTERM: true, syscall.SIGHUP: true, syscall.SIGURG: true,
		syscall.SIGSEGV: false, syscall.SIGFPE: false, suspend: false} {
		if got := blocked(started, int(sig)); got != want {
			t.Errorf("a thread that was started in a call blocks %v (%d): %v, want %v", sig, sig, got, want)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/status", caller))
	if err != nil {
		t.Fatal(err)
	}
	var mask uint64
	_, after, _ := strings.Cut(string(status), "SigBlk:")
	if _, err := fmt.Sscanf(after, "%x", &mask); err != nil || !blocked(mask, suspend) || blocked(mask, int(syscall.SIGURG)) {
		t.Errorf("the thread that called blocks %#x (%v), want %d and not Go's SIGURG", mask, err, suspend)
	}
}
