package proctree_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

// shell starts a shell command under a mark of its own.
func shell(t *testing.T, a proctree.Attributes, script string) (cmd *exec.Cmd, mark string) {
	t.Helper()
	mark = fmt.Sprintf("PROCTREE_TEST=%s of %d", t.Name(), os.Getpid()) // another run beside this one has its own
	attr, release, err := a.SysProcAttr()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	cmd = exec.Command("sh", "-c", script)
	cmd.Env = append(os.Environ(), mark)
	cmd.SysProcAttr = attr
	thread := proctree.NewThread()
	t.Cleanup(thread.Close)
	if err := thread.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = proctree.Kill(5*time.Second, func() ([]int, error) { return proctree.Marked(mark) })
		_ = cmd.Wait()
	})
	return cmd, mark
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func TestFindAndKill(t *testing.T) {
	// A child, a grandchild, and one that has left the family by losing its parent.
	cmd, mark := shell(t, proctree.Attributes{Group: true}, "(setsid sleep 600 &) ; sleep 600 & wait")
	marked := func() []int {
		pids, err := proctree.Marked(mark)
		if err != nil {
			t.Fatal(err)
		}
		return pids
	}
	until(t, "three processes do not appear", func() bool { return len(marked()) == 3 })
	until(t, "the orphan keeps its parent", func() bool {
		family, err := proctree.Descendants(cmd.Process.Pid)
		return err == nil && len(family) == 1
	})
	until(t, "the orphan stays in the group", func() bool { // which it leaves when setsid has run
		group, err := proctree.Group(cmd.Process.Pid)
		return err == nil && len(group) == 2 && slices.Contains(group, cmd.Process.Pid)
	})
	if mine, err := proctree.Descendants(os.Getpid()); err != nil || !slices.Contains(mine, cmd.Process.Pid) || slices.Contains(mine, os.Getpid()) {
		t.Errorf("descendants of this process: %v, %v", mine, err)
	}
	if err := proctree.Kill(5*time.Second, func() ([]int, error) { return proctree.Marked(mark) }); err != nil {
		t.Error(err)
	}
	if left := marked(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

func TestKillGivesUp(t *testing.T) {
	err := proctree.Kill(20*time.Millisecond, func() ([]int, error) { return []int{1 << 30}, nil })
	if err == nil || !strings.Contains(err.Error(), "still there") {
		t.Errorf("got %v", err)
	}
	wrong := errors.New("no table")
	if err := proctree.Kill(time.Second, func() ([]int, error) { return nil, wrong }); err != wrong {
		t.Errorf("got %v", err)
	}
}

// The parent-death signal is sent when the thread ends, and not before.
func TestThreadKeepsChildrenAlive(t *testing.T) {
	thread := proctree.NewThread()
	attr, release, err := proctree.Attributes{DieWithParent: true}.SysProcAttr()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	cmd := exec.Command("sleep", "600")
	cmd.SysProcAttr = attr
	if err := thread.Start(cmd); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("ended while its thread lives: %v", err)
	case <-time.After(50 * time.Millisecond): // longer than an idle thread would be kept for nothing
	}
	thread.Close()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("ended by %v", err)
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("outlived its thread")
	}
}

func TestWhoListens(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		t.Run(address, func(t *testing.T) {
			l, err := net.Listen("tcp", address)
			if err != nil {
				t.Skip(err)
			}
			port := l.Addr().(*net.TCPAddr).Port
			check := func(root int, want proctree.Holder) {
				t.Helper()
				if got, err := proctree.WhoListens(port, root); err != nil || got != want {
					t.Errorf("got %v, %v, want %v", got, err, want)
				}
			}
			check(os.Getpid(), proctree.Ours)
			check(os.Getppid(), proctree.Ours) // by descent
			cmd, _ := shell(t, proctree.Attributes{}, "exec sleep 600")
			check(cmd.Process.Pid, proctree.Stranger)
			owned, err := proctree.Owned([]int{os.Getpid()})
			if err != nil || !slices.ContainsFunc(owned, func(o proctree.Listener) bool { return int(o.Address.Port()) == port }) {
				t.Errorf("owned: %v, %v", owned, err)
			}
			c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close() // a connection alone is no listener
			l.Close()
			check(os.Getpid(), proctree.Nobody)
		})
	}
	t.Run("unreachable at 127.0.0.1", func(t *testing.T) {
		l, err := net.Listen("tcp6", "[::1]:0")
		if err != nil {
			t.Skip(err)
		}
		defer l.Close()
		if got, err := proctree.WhoListens(l.Addr().(*net.TCPAddr).Port, os.Getpid()); err != nil || got != proctree.Nobody {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestPinReachesEveryThreadAndChild(t *testing.T) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	first := -1
	for c := range 1024 {
		if before.IsSet(c) {
			first = c
			break
		}
	}
	if os.Getenv("PROCTREE_PIN") == "" { // in a process of its own: pins cannot be taken off by another
		c := exec.Command(os.Args[0], "-test.run=^TestPinReaches", "-test.v")
		c.Env = append(os.Environ(), "PROCTREE_PIN=1")
		if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("pinned")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if err := proctree.Pin([]int{first}); err != nil {
		t.Fatal(err)
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		var now unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &now); err == nil && (now.Count() != 1 || !now.IsSet(first)) {
			t.Errorf("thread %d may run on %d CPUs", tid, now.Count())
		}
	}
	out, err := exec.Command("grep", "Cpus_allowed_list", "/proc/self/status").Output()
	if err != nil || strings.TrimSpace(strings.TrimPrefix(string(out), "Cpus_allowed_list:")) != strconv.Itoa(first) {
		t.Errorf("child: %s, %v", out, err)
	}
	t.Log("pinned")
}

func TestAttributesRefuseWhatIsNoCgroup(t *testing.T) {
	if _, _, err := (proctree.Attributes{Cgroup: "/absent"}).SysProcAttr(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
