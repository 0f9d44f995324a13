//go:build unix

package was

import (
	"os/exec"
	"sync"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

// reaper waits for every child of this process: those it started, and those
// that came to it as the subreaper of its tree.
type reaper struct {
	mu    sync.Mutex
	ended map[int]func(unix.WaitStatus)
	kick  chan struct{}
}

func (r *reaper) start() {
	r.ended = map[int]func(unix.WaitStatus){}
	r.kick = make(chan struct{}, 1)
	go r.loop()
}

// run starts cmd on thread and calls ended when it has ended. The caller must
// not wait for cmd.
func (r *reaper) run(thread *proctree.Thread, cmd *exec.Cmd, ended func(unix.WaitStatus)) error {
	r.mu.Lock() // held until the id is known: the child may end at once
	defer r.mu.Unlock()
	if err := thread.Start(cmd); err != nil {
		return err
	}
	r.ended[cmd.Process.Pid] = ended
	select {
	case r.kick <- struct{}{}:
	default:
	}
	return nil
}

func (r *reaper) loop() {
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, 0, nil)
		switch {
		case err == unix.ECHILD:
			<-r.kick
			continue
		case err != nil: // EINTR
			continue
		}
		r.mu.Lock()
		ended := r.ended[pid]
		delete(r.ended, pid)
		r.mu.Unlock()
		if ended != nil {
			ended(ws)
		}
	}
}
