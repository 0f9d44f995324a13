package httpsys

import (
	"sync/atomic"
	"time"
)

// watchPeriod is how long an exchange may last before its connection is watched.
const watchPeriod = 50 * time.Millisecond

// ticker counts periods while exchanges are in progress, and calls each at the
// end of every one. What only exchanges that last need is done there, so that it
// costs the others nothing but noting in which period they began. Without
// exchanges it does not run at all.
type ticker struct {
	// each looks after the exchanges that began before the period that has just
	// ended (period - began >= 1) and reports whether any is in progress.
	each func(period uint32) (busy bool)
	// any reports whether an exchange is in progress; each may be running.
	any func() bool

	now     atomic.Uint32
	running atomic.Bool
}

// period returns the current one, from 1; it also sets the ticker running.
func (t *ticker) period() uint32 {
	if !t.running.Load() && t.running.CompareAndSwap(false, true) {
		time.AfterFunc(watchPeriod, t.run)
	}
	return t.now.Load() + 1
}

func (t *ticker) run() {
	if t.each(t.now.Add(1)) {
		time.AfterFunc(watchPeriod, t.run)
		return
	}
	// Nobody is in an exchange. One that begins right now either sees that the
	// ticker does not run, or is seen here.
	t.running.Store(false)
	if t.any() && t.running.CompareAndSwap(false, true) {
		time.AfterFunc(watchPeriod, t.run)
	}
}
