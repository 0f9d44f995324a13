package usage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// makeGroups makes leaves for a test, or skips it with the reason why not.
func makeGroups(t *testing.T, roles ...string) *Cgroups {
	t.Helper()
	g, err := NewCgroups("test", t.Name(), roles)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(g.Kill(), g.Remove()); err != nil {
			t.Error(err)
		}
	})
	return g
}

// bornInto makes a command start within a group.
func bornInto(t *testing.T, dir string) func(*exec.Cmd) {
	t.Helper()
	d, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(d.Fd())}
	}
}

// sources are all of a role's counters, the group's only if dir is given.
func sources(t *testing.T, dir string, pid int) map[string]counter {
	t.Helper()
	out := make(map[string]counter)
	add := func(c counter, err error) {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.close() })
		out[fmt.Sprintf("%T", c)] = c // two have the same source
	}
	if dir != "" {
		add(newGroupCounter(dir))
	}
	add(newClockCounter([]int{pid}))
	add(newSchedCounter([]int{pid}))
	add(newTimesCounter([]int{pid}))
	add(newTreeCounter(Role{PIDs: []int{pid}}))
	return out
}

// TestSourcesMeasureWork: 200 ms burnt by a child are 200 ms by every source, for
// the total and for user and system time together.
func TestSourcesMeasureWork(t *testing.T) {
	dir, change := "", func(*exec.Cmd) {}
	if g, err := NewCgroups("test", t.Name(), []string{"worker"}); err == nil {
		t.Cleanup(func() {
			if err := errors.Join(g.Kill(), g.Remove()); err != nil {
				t.Error(err)
			}
		})
		dir = g.Dirs()["worker"]
		change = bornInto(t, dir)
	}
	c := startChild(t, "burn", change)
	for name, s := range sources(t, dir, c.pid()) {
		total, err := s.total()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name, total, c.used)
		u, err := s.userSystem()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name+", user and system", u.User+u.System, c.used)
	}
}

// TestEndedThreads: exact sources know what a thread did that is gone. (The
// sum over the threads of now does not, unless it saw the thread before.)
func TestEndedThreads(t *testing.T) {
	c := startChild(t, "burn-in-thread", nil)
	m := openMeter(t, Role{Name: "app", PIDs: []int{c.pid()}})
	near(t, m.Source(0), readCPU(t, m), c.used)
}

// TestEndedProcess: its last value stays, and the meter says that it ended.
func TestEndedProcess(t *testing.T) {
	c := startChild(t, "burn", nil)
	for name, s := range sources(t, "", c.pid()) {
		if _, why := s.missed(); why != "" {
			t.Errorf("%s: missed %q, while it runs", name, why)
		}
	}
	all := sources(t, "", c.pid())
	before := make(map[string]time.Duration)
	for name, s := range all {
		var err error
		if before[name], err = s.total(); err != nil {
			t.Fatal(err)
		}
	}
	c.end()
	for name, s := range all {
		after, err := s.total()
		if err != nil || after < before[name] {
			t.Errorf("%s: %v, %v after the end; %v before", name, after, err, before[name])
		}
		if _, why := s.missed(); !strings.Contains(why, fmt.Sprint("process ", c.pid(), " ended")) {
			t.Errorf("%s: missed %q, want that %d ended", name, why, c.pid())
		}
		if _, err := s.userSystem(); err != nil {
			t.Errorf("%s: user and system: %v", name, err)
		}
	}
}

// TestGroupKeepsEndedProcesses: a group counts what its processes did to their end.
func TestGroupKeepsEndedProcesses(t *testing.T) {
	g := makeGroups(t, "worker", "app")
	m := openMeter(t, Role{Name: "worker", Cgroup: g.Dirs()["worker"]}, Role{Name: "app", Cgroup: g.Dirs()["app"]})
	for range 2 {
		startChild(t, "burn", bornInto(t, g.Dirs()["worker"])).end()
	}
	var d [2]time.Duration
	if err := m.ReadCPU(d[:]); err != nil {
		t.Fatal(err)
	}
	near(t, m.Source(0), d[0], 2*burnTime)
	if d[1] != 0 {
		t.Errorf("app: %v, and nothing ran in it", d[1])
	}
	if n, why := m.Missed(0); m.Source(0) != "cgroup" || n != 0 {
		t.Errorf("source %s, missed %d: %q", m.Source(0), n, why)
	}
}

// TestGroupRemoved: a group that is gone is an error, and the last value stays.
func TestGroupRemoved(t *testing.T) {
	g := makeGroups(t, "worker")
	m := openMeter(t, Role{Name: "worker", Cgroup: g.Dirs()["worker"]})
	if err := g.Remove(); err != nil {
		t.Fatal(err)
	}
	d := []time.Duration{42}
	if err := m.ReadCPU(d); !errors.Is(err, ErrGone) || d[0] != 42 {
		t.Errorf("got %v, %v; want 42 ns and %v", d[0], err, ErrGone)
	}
}

// TestMeterFallsBack: without its group, a role is read by its processes.
func TestMeterFallsBack(t *testing.T) {
	m := openMeter(t, Role{Name: "worker", Cgroup: filepath.Join(t.TempDir(), "none"), PIDs: []int{os.Getpid()}})
	if m.Source(0) != "process-clock" {
		t.Errorf("source %s, want process-clock", m.Source(0))
	}
	if _, err := NewMeter([]Role{{Name: "worker", Cgroup: t.TempDir()}}); err == nil {
		t.Error("a folder that is no group, and no processes: want an error")
	}
}

func TestReadCPUDoesNotAllocate(t *testing.T) {
	roles := []Role{{Name: "generator", PIDs: []int{os.Getpid()}}}
	if g, err := NewCgroups("test", t.Name(), []string{"worker"}); err == nil {
		t.Cleanup(func() { g.Remove() })
		roles = append(roles, Role{Name: "worker", Cgroup: g.Dirs()["worker"]})
	}
	m := openMeter(t, roles...)
	into := make([]time.Duration, len(roles))
	if n := testing.AllocsPerRun(100, func() {
		if err := m.ReadCPU(into); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per reading, want none", n)
	}
}

func TestRunQueue(t *testing.T) {
	q, err := NewRunQueue([]int{os.Getpid()})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := q.Waited()
	if err != nil {
		t.Fatal(err)
	}
	burn(burnTime / 10)
	second, err := q.Waited()
	if err != nil || second < first {
		t.Errorf("waited %v, then %v, %v", first, second, err)
	}
	gone := startChild(t, "idle", nil)
	gone.end()
	if _, err := NewRunQueue([]int{gone.pid()}); !errors.Is(err, ErrGone) {
		t.Errorf("a process that ended: %v, want %v", err, ErrGone)
	}
}

func BenchmarkReadCPU(b *testing.B) {
	m, err := NewMeter([]Role{{Name: "generator", PIDs: []int{os.Getpid()}}})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	into := make([]time.Duration, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.ReadCPU(into); err != nil {
			b.Fatal(err)
		}
	}
}
