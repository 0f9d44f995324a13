//go:build unix

package peers

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// guardScript is the guard: it needs nothing but a POSIX shell, so that no
// program that uses this package has to run itself for it.
//
//go:embed guard.sh
var guardScript string

// guard is a process that outlives us if we are killed, and then kills the
// server. It sleeps in a read all the time, and costs no CPU.
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

func newGuard(mark, cgroup, private string) (*guard, error) {
	cmd := exec.Command("sh", "-c", guardScript, "ancmbench-guard", mark, cgroup, private)
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin"} // without the mark of any server
	cmd.Dir = "/"
	// A session of its own: neither Ctrl-C nor a closed terminal is meant for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	r, w, err := os.Pipe() // closed in every other child (O_CLOEXEC): we alone hold w
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("the guard does not start: %w", err)
	}
	return &guard{cmd: cmd, pipe: w}, nil
}

// tell names the process group that is to be killed.
func (g *guard) tell(group int) error {
	if _, err := fmt.Fprintf(g.pipe, "group %d\n", group); err != nil {
		return fmt.Errorf("the guard has ended: %w", err)
	}
	return nil
}

// dismiss ends the guard with nothing done.
func (g *guard) dismiss() error {
	_, _ = io.WriteString(g.pipe, "dismissed\n") // it may have been killed
	g.release()
	return nil
}

// release ends the guard as our own death would: it does its work.
func (g *guard) release() {
	_ = g.pipe.Close()
	_ = g.cmd.Wait()
}
