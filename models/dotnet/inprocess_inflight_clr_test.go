//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"ancmbench/models"
)

// A signal that comes while a request is in the app: only kill -9 takes the answer, an
// interruption is not the worker's business, and the site serves on, without the process that
// was told to end.
func inSignalsInFlight(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	for _, c := range []struct {
		signal        syscall.Signal
		answer, stays bool
	}{{syscall.SIGINT, true, true}, {syscall.SIGTERM, true, false}, {syscall.SIGKILL, false, false}} {
		before := p.again(t)
		worker := pidOf(t, p.Site, models.RoleWorker)
		p.worker(t).EndIdle() // on a connection that was used before the client asks twice
		asked := make(chan string, 1)
		go func() {
			status, body, _ := p.ask("/sleep/700")
			asked <- fmt.Sprint(status, body)
		}()
		until(t, "the request is in the app", func() bool {
			n, err := p.worker(t).Native(time.Now())
			return err == nil && n.PID == worker && n.Counts.InFlight > 0
		})
		if err := syscall.Kill(worker, c.signal); err != nil {
			t.Fatal(err)
		}
		if got := <-asked; (got == "200slept") != c.answer {
			t.Errorf("%v: in flight: %s", c.signal, got)
		}
		after := p.again(t)
		if c.stays {
			if after != before {
				t.Errorf("%v: %s, was %s", c.signal, after, before)
			}
			continue
		}
		until(t, fmt.Sprint(c.signal, ": another worker serves"), func() bool { return p.again(t) != before })
		until(t, fmt.Sprint(c.signal, ": the process goes"), func() bool {
			_, err := os.Stat(fmt.Sprint("/proc/", worker))
			return err != nil
		})
		ps, err := p.Processes(t.Context())
		if err != nil || slices.ContainsFunc(ps, func(p models.Process) bool { return p.PID == worker }) {
			t.Errorf("%v: processes %v %v", c.signal, ps, err)
		}
	}
}
