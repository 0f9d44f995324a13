package usage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// childRole makes the test's executable play a process that costs something.
// A child does its work, says so in one line, and lives until its input ends.
const childRole = "ANCMBENCH_USAGE_CHILD"

const (
	burnTime   = 200 * time.Millisecond
	blockBytes = 32 << 20
)

func TestMain(m *testing.M) {
	var held []byte
	var err error
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "burn":
		burn(burnTime)
	case "burn-in-thread":
		// A goroutine that ends locked takes its thread with it.
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread()
			burn(burnTime)
		}()
		<-done
	case "hold":
		held, err = hold(blockBytes)
	case "idle":
	default:
		play(os.Getenv(childRole))
	}
	used, e := selfCPU()
	fmt.Println("ready", used.Nanoseconds(), errors.Join(err, e))
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(held)
	os.Exit(0)
}

// burn uses d of processor time, however long that takes.
func burn(d time.Duration) {
	for begin, _ := selfCPU(); ; {
		if now, err := selfCPU(); err != nil || now-begin >= d {
			return
		}
	}
}

// child is a process in one of the roles above.
type child struct {
	cmd  *exec.Cmd
	in   io.Closer
	out  *bufio.Reader
	used time.Duration // by its own account, when its work was done
}

// startChild returns once the child has done its work. change may alter the
// command before it starts. The test's end ends the child.
func startChild(t *testing.T, role string, change func(*exec.Cmd)) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	// A child of a race build would sleep a second before it ends.
	cmd.Env = append(os.Environ(), childRole+"="+role, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	if change != nil {
		change(cmd)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(c.end)
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatalf("child %s: %v", role, err)
	}
	var ns int64
	if _, err := fmt.Sscanf(strings.TrimSpace(line), "ready %d <nil>", &ns); err != nil {
		t.Fatalf("child %s says %q", role, line)
	}
	c.used = time.Duration(ns)
	return c
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// end closes the child's input and waits until it is gone.
func (c *child) end() {
	c.in.Close()
	_ = c.cmd.Wait()
}
