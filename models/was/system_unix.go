//go:build unix

package was

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

type waitStatus = unix.WaitStatus

// waker watches the sockets, and can be told to stop.
type waker struct{ r, w *os.File }

func newWaker() (*waker, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &waker{r: r, w: w}, nil
}

func (k *waker) wake() { _, _ = k.w.Write([]byte{0}) } // a pipe's first byte always fits

// wait reports whether a connection waits on one of the sockets; else it was woken.
func (k *waker) wait(sockets []*os.File) (bool, error) {
	// The descriptors stay out of the runtime's poller: there, every connection
	// that the worker accepts later would wake this process.
	fds := []unix.PollFd{{Fd: int32(k.r.Fd()), Events: unix.POLLIN}}
	for _, s := range sockets {
		fds = append(fds, unix.PollFd{Fd: int32(s.Fd()), Events: unix.POLLIN})
	}
	n, err := unix.Poll(fds, -1)
	if err == unix.EINTR {
		return false, nil
	}
	return n > 0 && fds[0].Revents == 0, err
}

// killLeftovers ends what a dead worker has left, nil for all that is left. What
// is not a worker's child any more is ours by now; while another worker runs, who
// has started what can only be told from the mark.
func (a *Activation) killLeftovers(dead *Worker) error {
	alone := true
	a.mu.Lock()
	for _, w := range a.workers {
		alone = alone && w == dead
	}
	a.mu.Unlock()
	return proctree.Kill(5*time.Second, func() ([]int, error) {
		if !alone {
			if dead == nil {
				return nil, nil
			}
			return known(proctree.Marked(dead.mark()))
		}
		pids, err := known(proctree.Descendants(os.Getpid()))
		if err != nil || a.opt.Mark == "" {
			return pids, err
		}
		marked, err := known(proctree.Marked(a.opt.Mark))
		return append(pids, marked...), err
	})
}

// known finds nothing where the system does not tell: the worker's own clean-up
// has to do there.
func known(pids []int, err error) ([]int, error) {
	if errors.Is(err, proctree.ErrUnknown) {
		return nil, nil
	}
	return pids, err
}
