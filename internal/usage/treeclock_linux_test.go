package usage

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// spawn lets a child of the role "parent" run a process that burns, and returns by the
// process's own account what that used.
func (c *child) spawn(t *testing.T, in io.Writer) time.Duration {
	t.Helper()
	fmt.Fprintln(in)
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ns int64
	if _, err := fmt.Sscanf(line, "ready %d <nil> <nil>", &ns); err != nil {
		t.Fatalf("the parent says %q", line)
	}
	return time.Duration(ns)
}

// startParent starts a child of the role "parent", and returns what its lines are written
// to.
func startParent(t *testing.T) (*child, io.Writer) {
	t.Helper()
	c := startChild(t, "parent", nil)
	return c, c.in.(io.Writer)
}

// TestTreeCountsEndedChildren: a child that begins and ends between two readings is counted
// to its end, as one that was seen is.
func TestTreeCountsEndedChildren(t *testing.T) {
	c, in := startParent(t)
	m := openMeter(t, Role{Name: "server", PIDs: []int{c.pid()}, Children: true})
	before := readCPU(t, m)
	split := func() UserSystem {
		var u [1]UserSystem
		if err := m.ReadUserSystem(u[:]); err != nil {
			t.Fatal(err)
		}
		return u[0]
	}
	was := split()
	used := c.spawn(t, in) + c.spawn(t, in)
	after := readCPU(t, m)
	near(t, "children that nobody saw", after-before, used)
	now := split()
	near(t, "user and system", now.User+now.System-was.User-was.System, used)

	// Seen while it burns: polled until it ends.
	done := make(chan time.Duration)
	go func() { done <- c.spawn(t, in) }()
	for last := after; ; {
		got := readCPU(t, m)
		if got < last {
			t.Fatalf("the total fell from %v to %v", last, got)
		}
		last = got
		select {
		case used := <-done:
			near(t, "a child that was seen", readCPU(t, m)-after, used)
			if _, why := m.Missed(0); why != "" {
				t.Errorf("missed %q, and nothing is", why)
			}
			return
		default:
		}
	}
}

// TestTreeCountsChildrenThatAppearLate: the system gives an id before its process can be seen.
func TestTreeCountsChildrenThatAppearLate(t *testing.T) {
	for looks := 1; looks <= 2; looks++ {
		c, in := startParent(t)
		r, err := newTreeCounter(Role{Name: "server", PIDs: []int{c.pid()}, Children: true})
		if err != nil {
			t.Fatal(err)
		}
		tree := r.(*treeCounter)
		hidden := map[int]int{}
		tree.parentOf = func(pid int) (int, idKind) {
			if hidden[pid]++; hidden[pid] <= looks {
				return 0, idOfNone
			}
			return parentOf(pid)
		}
		read := func() time.Duration {
			d, err := tree.total()
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		before := read()
		done := make(chan time.Duration)
		go func() { done <- c.spawn(t, in) }()
		for waiting := true; waiting; {
			read()
			select {
			case used := <-done:
				near(t, fmt.Sprintf("a child that appeared at look %d", looks+1), read()-before, used)
				waiting = false
			default:
			}
		}
	}
}

// TestTreeSaysWhatIsLost: when the process that nobody above accounts for ends, the total is
// not whole, and the meter says so.
func TestTreeSaysWhatIsLost(t *testing.T) {
	c, in := startParent(t)
	m := openMeter(t, Role{Name: "server", PIDs: []int{c.pid()}, Children: true})
	c.spawn(t, in)
	before := readCPU(t, m)
	c.end()
	if after := readCPU(t, m); after < before {
		t.Errorf("the total fell from %v to %v", before, after)
	}
	if _, why := m.Missed(0); !strings.Contains(why, fmt.Sprint("process ", c.pid(), " ended")) {
		t.Errorf("missed %q, want that %d ended", why, c.pid())
	}
}

// TestEndedRoots: a worker may end, the server's first process may not; and a process id that
// another process has by now counts as ended.
func TestEndedRoots(t *testing.T) {
	c := startChild(t, "idle", nil)
	us := os.Getpid()
	f, err := processes()
	if err != nil {
		t.Fatal(err)
	}
	tree := whys{us: "root", c.pid(): "child"}.role("server", f)
	alone := whys{c.pid(): "root"}.role("server", f)
	if got := slices.Concat(tree.Ended(), alone.Ended()); len(got) != 0 {
		t.Errorf("%v ended, and all run", got)
	}
	if pids, err := tree.Living(); err != nil || !slices.Contains(pids, c.pid()) {
		t.Errorf("living: %v, %v; want %d among them", pids, err, c.pid())
	}
	alone.starts[c.pid()]++
	if got := alone.Ended(); !slices.Equal(got, []int{c.pid()}) {
		t.Errorf("%v ended; the id %d is another's", got, c.pid())
	}
	alone.starts[c.pid()]--
	c.end()
	if got := tree.Ended(); len(got) != 0 {
		t.Errorf("%v ended, and a worker may", got)
	}
	if got := alone.Ended(); !slices.Equal(got, []int{c.pid()}) {
		t.Errorf("%v ended, want %d", got, c.pid())
	}
	if pids, err := alone.Living(); err == nil {
		t.Errorf("living: %v, want an error", pids)
	}
	if pids, err := tree.Living(); err != nil || slices.Contains(pids, c.pid()) {
		t.Errorf("living: %v, %v; want them without %d", pids, err, c.pid())
	}
	if _, err := ReadRoleMemory(tree); err != nil {
		t.Errorf("memory after a worker ended: %v", err)
	}
}

// TestFindNamed: by each way, and one sentence for what is not there.
func TestFindNamed(t *testing.T) {
	c, at := startServer(t, "serve tcp:127.0.0.1:0", func(cmd *exec.Cmd) {
		// A name of its own, so that no other process has it.
		link := t.TempDir() + "/ancmbench-named"
		if err := os.Link(cmd.Path, link); err != nil {
			t.Skip("skipped: no hard links here: ", err)
		}
		cmd.Path = link
	})
	port := at[strings.LastIndexByte(at, ':')+1:]
	for _, text := range []string{"port:" + port, "pid:" + fmt.Sprint(c.pid()), "name:ancmbench-named"} {
		rule := parseRule(t, "app", text)
		r, err := FindNamed([]ancmbench.ProcessRule{rule})
		if err != nil || !slices.Equal(r.PIDs, []int{c.pid()}) || r.Name != "app" {
			t.Errorf("%s: %v, %v; want %d", text, r.PIDs, err, c.pid())
			continue
		}
		if d := r.Describe(); len(d) != 1 || d[0].Why != "named by --processes ("+text+")" || d[0].Name != "ancmbench-named" {
			t.Errorf("%s: %+v", text, d)
		}
	}
	c.end()
	for _, text := range []string{"port:" + port, "pid:" + fmt.Sprint(c.pid()), "name:ancmbench-named", "cgroup:/ancmbench-none", "unit:ancmbench-none"} {
		r, err := FindNamed([]ancmbench.ProcessRule{parseRule(t, "app", text)})
		if err == nil || !strings.Contains(err.Error(), "on this machine") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v; want one sentence that there is none", text, r.PIDs, err)
		}
	}
}

// TestFindNamedByGroup: a group counts exactly, and its processes are listed.
func TestFindNamedByGroup(t *testing.T) {
	g := makeGroups(t, "worker")
	dir := g.Dirs()["worker"]
	c := startChild(t, "burn", bornInto(t, dir))
	for _, text := range []string{"cgroup:" + dir, "unit:" + dir[strings.LastIndexByte(dir, '/')+1:]} {
		r, err := FindNamed([]ancmbench.ProcessRule{parseRule(t, "server", text)})
		if err != nil || !slices.Equal(r.PIDs, []int{c.pid()}) || r.Cgroup != dir {
			t.Errorf("%s: %v in %q, %v; want %d in %q", text, r.PIDs, r.Cgroup, err, c.pid(), dir)
			continue
		}
		if d := r.Describe(); strings.Contains(d[0].Why, "/") {
			t.Errorf("%s: the reason has a path: %q", text, d[0].Why)
		}
	}
}

func parseRule(t *testing.T, role, text string) ancmbench.ProcessRule {
	t.Helper()
	r, err := ancmbench.ParseProcessRule(role, text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
