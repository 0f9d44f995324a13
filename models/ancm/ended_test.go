package ancm

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// successor is a Backends whose first process has ended without anybody having noticed.
type successor struct {
	first, next *Backend
	started     atomic.Int64
}

func (s *successor) Ready() *Backend {
	if s.first.isRetired() {
		return nil
	}
	return s.first
}

func (s *successor) Start(context.Context) (*Backend, error) {
	s.started.Add(1)
	return s.next, nil
}

// A request that comes when the app's process has ended, and before that is noticed, is
// the one that starts it again: the process has heard nothing of it. Where nobody tells
// of ends, or the process lives and refuses, it is a 502.3 (OP-13, OP-15).
func TestRefusedIsWaitedOut(t *testing.T) {
	eachFront(t, func(t *testing.T, kind string) {
		for _, tc := range []struct {
			name         string
			ends, retire bool
			status       int
			started      int64
		}{
			{"it has ended", true, true, 204, 1},
			{"nobody tells of ends", false, false, 502, 0},
			{"it lives", true, false, 502, 0},
		} {
			t.Run(tc.name, func(t *testing.T) {
				gone := listen(t)
				s := &successor{first: &Backend{Address: gone.Addr().String(), Ends: tc.ends}, next: startRecorder(t).Backend}
				_ = gone.Close()
				address := startFront(t, kind, &Forwarder{Backends: s})
				if tc.retire {
					time.AfterFunc(50*time.Millisecond, s.first.Retire) // while the request waits
				}
				status, code, _ := statusOf(t, address)
				if status != tc.status || s.started.Load() != tc.started || tc.status == 502 && !strings.HasPrefix(code, "502.3") {
					t.Errorf("%d %s, started %d times; want %d, %d times", status, code, s.started.Load(), tc.status, tc.started)
				}
			})
		}
	})
}
