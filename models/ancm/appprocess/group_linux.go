package appprocess

import (
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

// awaitGroup waits until the process has ended, without yet reaping it: so its
// id cannot be another's when the rest of its group is killed.
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

// socketName is in Linux's abstract namespace: it has no file that could stay.
func socketName() string { return "@ancmbench-" + newToken() }
