package usage

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCPUListsAreRead(t *testing.T) {
	for text, want := range map[string][]int{"0": {0}, "0-3": {0, 1, 2, 3}, "0-1,4,6-7": {0, 1, 4, 6, 7}} {
		if got, err := parseCPUList(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a", "3-1", "-1", "0-", "0,,1"} {
		if got, err := parseCPUList(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The calls of a child in a group are counted there, and not those of others.
func TestSystemCallsAreCountedByGroup(t *testing.T) {
	groups, err := NewCgroups("syscalls", "test", []string{"busy", "empty"})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer groups.Remove()
	roles := []Role{{Name: "busy", Cgroup: groups.Dirs()["busy"]}, {Name: "empty", Cgroup: groups.Dirs()["empty"]}}
	calls, err := OpenSystemCalls(roles)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer calls.Close()
	var own [2]int64
	if err := calls.Read(own[:]); err != nil || own != [2]int64{} {
		t.Fatalf("before any process: %v, %v", own, err)
	}
	child := startChild(t, "burn", bornInto(t, roles[0].Cgroup))
	child.end()
	for range 1000 { // our own, which nobody asked for
		unix.Getppid()
	}
	var n [2]int64
	if err := calls.Read(n[:]); err != nil {
		t.Fatal(err)
	}
	if n[0] < 10 || n[1] != 0 {
		t.Errorf("the busy group made %d calls and the empty one %d", n[0], n[1])
	}
	if err := calls.Read(n[:1]); err == nil {
		t.Error("room for one role of two is enough")
	}
}

func TestRoleWithoutGroupIsUnsupported(t *testing.T) {
	if _, err := OpenSystemCalls([]Role{{Name: "server", PIDs: []int{1}}}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("gives %v", err)
	}
}
