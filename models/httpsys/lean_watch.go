//go:build !windows

package httpsys

import (
	"time"

	"golang.org/x/sys/unix"
)

// watchdog notices clients that go while their exchange is in progress, when
// nobody reads from their connection. A goroutine or an armed wait per exchange
// would cost every request what only long ones need, so one goroutine looks
// after those that have lasted a period or two, and while there are some it
// sleeps in poll(2): their clients' going is seen at once.
type watchdog struct {
	ticker
	front *lean
	fds   []unix.PollFd
	conns []*leanConn
}

// run looks after the slow exchanges until there are none.
func (d *watchdog) run(period uint32) (busy bool) {
	for busy = d.gather(period); len(d.fds) > 0; busy = d.gather(d.now.Add(1)) {
		d.look()
	}
	return busy
}

// gather collects the connections whose exchange began before the last period.
func (d *watchdog) gather(period uint32) (busy bool) {
	f := d.front
	d.fds, d.conns = d.fds[:0], d.conns[:0]
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.mu.Lock()
		began, gone := c.busy, c.gone
		c.mu.Unlock()
		if began == 0 || gone {
			continue
		}
		busy = true
		if period-began >= 1 && c.fd >= 0 {
			d.fds = append(d.fds, unix.PollFd{Fd: int32(c.fd), Events: goneEvents})
			d.conns = append(d.conns, c)
		}
	}
	return busy
}

// look waits for a period, or until a client goes.
func (d *watchdog) look() {
	n, err := unix.Poll(d.fds, int(watchPeriod/time.Millisecond))
	if err != nil || n == 0 {
		return
	}
	found := false
	for i, c := range d.conns {
		if d.fds[i].Revents != 0 && d.confirm(c) {
			c.clientGone()
			found = true
		}
	}
	if !found { // what woke us would wake us again at once
		_, _ = unix.Poll(nil, int(watchPeriod/time.Millisecond))
	}
}

// confirm looks again at a connection that is certainly still open, because the
// descriptor may have become another's while poll slept.
func (d *watchdog) confirm(c *leanConn) bool {
	d.front.mu.Lock()
	defer d.front.mu.Unlock()
	if _, open := d.front.conns[c]; !open {
		return false
	}
	fds := [1]unix.PollFd{{Fd: int32(c.fd), Events: goneEvents}}
	n, err := unix.Poll(fds[:], 0)
	return err == nil && n > 0 && hasGone(c.fd, fds[0].Revents)
}
