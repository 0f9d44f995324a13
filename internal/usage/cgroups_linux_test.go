package usage

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGroupNameRoundTrip(t *testing.T) {
	owner := groupOwner{pid: 4711, start: 123456789}
	for _, names := range [][3]string{
		{"r1", "in-process", "worker"}, {"20261123", "out-of-process-unix", "app"}, {"", "", ""},
		{"r", "../../etc", "x/y"}, {"r", "behind nginx", "srv"}, {"r", "9-8-7", "1-2"}, {"r", "größe", "\x00\n"},
	} {
		name := groupName(names[0], names[1], names[2], owner)
		if strings.ContainsAny(name, "/\x00\n ") || !strings.HasPrefix(name, groupPrefix) {
			t.Errorf("%q: %q is no name for a folder of ours", names, name)
		}
		if got, ok := parseGroupName(name); !ok || got != owner {
			t.Errorf("%q: got %+v, %v; want %+v", name, got, ok, owner)
		}
	}
	for _, other := range []string{"", "ancmbench-", "ancmbench-r-a-worker-x-1", "ancmbench-r-a-worker-1-x", "ancmbench-1-2", "system.slice", "xancmbench-r-a-b-1-2"} {
		if got, ok := parseGroupName(other); ok {
			t.Errorf("%q: got %+v, want not ours", other, got)
		}
	}
}

// TestSweepStale, on plain folders: only empty leaves of ended runs go.
func TestSweepStale(t *testing.T) {
	dead := startChild(t, "idle", nil)
	start, err := startTicks(dead.pid())
	if err != nil {
		t.Fatal(err)
	}
	deadOwner := groupOwner{dead.pid(), start}
	own, err := startTicks(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mk := func(name string) string {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		return name
	}
	left := []string{
		mk(groupName("r", "in-process", "was", groupOwner{os.Getpid(), own})),
		mk("system.slice"),
		mk("ancmbench-of-somebody-else"),
	}
	full := mk(groupName("r", "full", "worker", deadOwner))
	mk(filepath.Join(full, "below"))
	left = append(left, full)
	stale := mk(groupName("r", "in-process", "worker", deadOwner))
	// The number of a process that runs, but of another one that had it before.
	reused := mk(groupName("r", "in-process", "app", groupOwner{os.Getpid(), own - 1}))

	if n, err := sweepStale(dir); err != nil || n != 1 {
		t.Errorf("while its maker runs: swept %d, %v; want the reused number alone", n, err)
	}
	dead.end()
	if n, err := sweepStale(dir); err != nil || n != 1 {
		t.Errorf("after its maker's end: swept %d, %v; want 1", n, err)
	}
	for _, name := range []string{stale, reused} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range left {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNewCgroupsInPlainFolder: where groups cannot be had, there is a reason
// without a path in it, and nothing is left.
func TestNewCgroupsInPlainFolder(t *testing.T) {
	dir := t.TempDir()
	_, err := newCgroups(filepath.Join(dir, "none"), "r", "a", []string{"worker"})
	if !errors.Is(err, errors.ErrUnsupported) || strings.Contains(err.Error(), dir) {
		t.Errorf("no group at all: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = newCgroups(dir, "r", "a", []string{"was", "worker"})
	if err == nil || strings.Contains(err.Error(), dir) {
		t.Errorf("a folder that is no group: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestCgroups(t *testing.T) {
	g := makeGroups(t, "was", "worker")
	dirs := g.Dirs()
	if got := slices.Sorted(maps.Keys(dirs)); !slices.Equal(got, []string{"was", "worker"}) {
		t.Fatalf("roles %v", got)
	}
	if _, err := NewCgroups("test", t.Name(), []string{"worker"}); err == nil {
		t.Error("the same group twice: want an error")
	}
	if _, err := os.Stat(dirs["worker"]); err != nil {
		t.Errorf("a second try took the first one's group away: %v", err)
	}
	if _, err := NewCgroups("test", t.Name()+"2", []string{"x", "x"}); err == nil {
		t.Error("a role twice: want an error")
	}

	c := startChild(t, "idle", bornInto(t, dirs["worker"]))
	if pids, err := GroupPIDs(dirs["worker"]); err != nil || !slices.Equal(pids, []int{c.pid()}) {
		t.Errorf("processes %v, %v; want %d", pids, err, c.pid())
	}
	if err := g.Remove(); err == nil {
		t.Error("removing a group with a process in it: want an error")
	}
	if err := g.Kill(); err != nil {
		t.Fatal(err)
	}
	if pids, err := GroupPIDs(dirs["worker"]); err != nil || len(pids) != 0 {
		t.Errorf("after Kill: processes %v, %v", pids, err)
	}
	var exit *exec.ExitError
	if err := c.cmd.Wait(); !errors.As(err, &exit) || exit.String() != "signal: killed" {
		t.Errorf("the child ended with %v, want killed", err)
	}
	for range 2 {
		if err := g.Remove(); err != nil {
			t.Errorf("removing: %v", err)
		}
	}
	for role, dir := range dirs {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", role, err)
		}
	}
	if err := g.Kill(); err != nil {
		t.Errorf("killing what is gone: %v", err)
	}
}
