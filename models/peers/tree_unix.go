//go:build unix

package peers

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"ancmbench/models/internal/proctree"
)

// shell runs a line of the user's.
func shell(line string) *exec.Cmd { return exec.Command("sh", "-c", line) }

// tree is every process of one server.
type tree struct {
	root   int // the first process, and leader of the group
	mark   string
	cgroup string
	guard  *guard
	gone   chan struct{} // lets the thread that started the root end

	// Once the root was waited for, its id stays taken only while its group has
	// members; after that it may come to name a stranger.
	reaped, groupGone atomic.Bool
}

// plant starts cmd as the root of a tree, guarded before it is born.
func plant(cmd *exec.Cmd, l launch, mark string) (*tree, error) {
	t := &tree{mark: mark, cgroup: l.cgroup, gone: make(chan struct{})}
	attr, release, err := proctree.Attributes{Group: true, DieWithParent: true, Cgroup: l.cgroup}.SysProcAttr()
	if err != nil {
		return nil, err
	}
	defer release()
	cmd.SysProcAttr = attr
	if t.guard, err = newGuard(mark, l.cgroup, l.private); err != nil {
		return nil, err
	}
	started := make(chan error)
	go func() {
		// The parent-death signal comes when the thread that forked ends, so this
		// one lives as long as the server; never unlocked, it ends with the
		// goroutine, and its affinity with it.
		runtime.LockOSThread()
		err := pinThread(l.cpus)
		if err == nil {
			err = cmd.Start()
		}
		started <- err
		if err == nil {
			<-t.gone
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start: %w", err), t.guard.dismiss())
	}
	t.root = cmd.Process.Pid
	if err := t.guard.tell(t.root); err != nil {
		// It sees the end of our pipe either way, and finds the root by its mark.
		err = errors.Join(err, t.kill(forceful))
		_ = cmd.Wait()
		close(t.gone)
		t.guard.release()
		return nil, err
	}
	return t, nil
}

// signals are those that ask a server to end, by name.
var signals = map[string]syscall.Signal{"": syscall.SIGTERM, "SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT,
	"SIGQUIT": syscall.SIGQUIT, "SIGHUP": syscall.SIGHUP}

// terminate asks all processes to end, by a signal of signals.
func (t *tree) terminate(name string) {
	signal := signals[name]
	pids, err := t.pids()
	if !t.groupGone.Load() {
		_ = syscall.Kill(-t.root, signal) // at once, whatever it forks
	}
	if err != nil {
		return
	}
	for _, pid := range pids {
		if group, err := syscall.Getpgid(pid); err == nil && group != t.root {
			_ = syscall.Kill(pid, signal)
		}
	}
}

// reap notes that the root was waited for.
func (t *tree) reap() { t.reaped.Store(true) }

// linger waits until no process is left, or forced is closed.
func (t *tree) linger(forced <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		pids, err := t.pids()
		if err != nil || len(pids) == 0 {
			return
		}
		select {
		case <-forced:
			return
		case <-tick.C:
		}
	}
}

// close releases the thread. It dismisses the guard if no process is left, and else
// lets it kill the rest.
func (t *tree) close(clean bool) {
	close(t.gone)
	if clean {
		_ = t.guard.dismiss()
	} else {
		t.guard.release()
	}
}

// together merges lists of process ids, without those that are no server's.
func together(lists ...[]int) []int {
	pids := slices.Concat(lists...)
	slices.Sort(pids)
	return slices.DeleteFunc(slices.Compact(pids), func(pid int) bool {
		return pid <= 1 || pid == syscall.Getpid()
	})
}
