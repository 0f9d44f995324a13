package appprocess

import (
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

// awaitGroup waits until the process has ended, and kills the rest of its group. It
// does not reap the process before, so that no other process can have its id.
func (proc *process) awaitGroup() {
	for {
		err := unix.Waitid(unix.P_PID, proc.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			break
		}
	}
	_ = unix.Kill(-proc.pid, unix.SIGKILL) // usually there is nobody else
}

// sweep ends descendants that left the group but still have its token.
func (proc *process) sweep() {
	if proc.backend.Token == "" {
		return
	}
	mark := EnvToken + "=" + proc.backend.Token
	_ = proctree.Kill(5*time.Second, func() ([]int, error) { return proctree.Marked(mark) }) // was looks again
}

// socketName returns a name in Linux's abstract namespace, which leaves no file behind.
func socketName() string { return "@ancmbench-" + newToken() }
