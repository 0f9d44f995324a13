package host

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	hybridMounts = `32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
	pureMounts = `35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
`
	nestedMounts = `700 690 0:30 /kubepods/pod1 /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw
`
)

// tree builds a file tree out of name, text pairs.
func tree(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

func TestGroupLimit(t *testing.T) {
	const mounts, own = "proc/self/mountinfo", "proc/self/cgroup"
	tests := []struct {
		name string
		fsys fstest.MapFS
		want float64 // 0: none
	}{
		{"v2, own group", tree(mounts, pureMounts, own, "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.max", "150000 100000\n", "sys/fs/cgroup/a/cpu.max", "max 100000\n"), 1.5},
		{"v2, a group above", tree(mounts, pureMounts, own, "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.max", "400000 100000\n", "sys/fs/cgroup/a/cpu.max", "50000 100000\n"), 0.5},
		{"v2, container at its top", tree(mounts, pureMounts, own, "0::/\n", "sys/fs/cgroup/cpu.max", "200000 100000\n"), 2},
		{"v2, container within the host's names", tree(mounts, nestedMounts, own, "0::/kubepods/pod1/c\n",
			"sys/fs/cgroup/c/cpu.max", "max 100000\n", "sys/fs/cgroup/cpu.max", "300000 100000\n"), 3},
		{"v2, no limit", tree(mounts, pureMounts, own, "0::/a\n", "sys/fs/cgroup/a/cpu.max", "max 100000\n"), 0},
		{"v2, no controller", tree(mounts, pureMounts, own, "0::/a\n"), 0},
		{"v1, own group", tree(mounts, hybridMounts, own, "3:cpu,cpuacct:/x\n0::/\n",
			"sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "25000\n", "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "50000\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"), 0.5},
		{"v1, no limit", tree(mounts, hybridMounts, own, "3:cpu,cpuacct:/\n0::/\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"), 0},
		{"the least of both", tree(mounts, hybridMounts, own, "3:cpu,cpuacct:/\n0::/u\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n",
			"sys/fs/cgroup/unified/u/cpu.max", "100000 100000\n"), 1},
		{"in no group", tree(mounts, pureMounts, own, ""), 0},
		{"a kernel without groups", tree(mounts, ""), 0},
	}
	for _, tt := range tests {
		got, err := groupLimit(tt.fsys)
		if tt.want == 0 {
			if !errors.Is(err, errNoLimit) {
				t.Errorf("%s: got %v, %v; want no limit", tt.name, got, err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "x 1", "1", "1 0", "-5 100", "1 x"} {
		fsys := tree(mounts, pureMounts, own, "0::/a\n", "sys/fs/cgroup/a/cpu.max", bad)
		if got, err := groupLimit(fsys); err == nil || errors.Is(err, errNoLimit) {
			t.Errorf("cpu.max %q: got %v, %v; want an error", bad, got, err)
		}
	}
}

// FuzzGroupLimit: no text of the kernel's leads to a limit that is not positive
// or none, nor out of the tree, which fs.FS would refuse.
func FuzzGroupLimit(f *testing.F) {
	f.Add(pureMounts, "0::/a/b\n", "150000 100000")
	f.Add(hybridMounts, "3:cpu,cpuacct:/x\n0::/\n", "max 100000")
	f.Add(nestedMounts, "0::/kubepods/pod1/c\n", "1 1")
	f.Add(pureMounts, "0::/../x\n", "1 1")
	f.Fuzz(func(t *testing.T, mounts, own, limit string) {
		fsys := tree("proc/self/mountinfo", mounts, "proc/self/cgroup", own, "sys/fs/cgroup/cpu.max", limit)
		got, err := groupLimit(fsys)
		if err == nil && got < 0 {
			t.Errorf("limit of %v cores", got)
		}
	})
}

func TestFactsOfATree(t *testing.T) {
	const cpu = "sys/devices/system/cpu/"
	for _, tt := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"alike", tree(cpu+"cpu0/cpufreq/scaling_governor", "powersave\n", cpu+"cpu1/cpufreq/scaling_governor", "powersave\n"), "powersave"},
		{"mixed", tree(cpu+"cpu0/cpufreq/scaling_governor", "performance\n", cpu+"cpu10/cpufreq/scaling_governor", "ondemand\n"), "ondemand,performance"},
	} {
		if got, err := governorIn(tt.fsys); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if got, err := governorIn(tree(cpu+"cpu0/online", "1")); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a virtual machine: got %q, %v; want unsupported", got, err)
	}
	if got, err := clockSourceIn(tree("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")); err != nil || got != "tsc" {
		t.Errorf("got %q, %v; want tsc", got, err)
	}
	if _, err := clockSourceIn(tree()); err == nil || strings.Contains(err.Error(), "/") {
		t.Errorf("no clock source: %v; want an error without a path", err)
	}
	if n, ok := swappedIn(tree("proc/vmstat", "pgpgin 9\npswpin 2\npswpout 3\n")); !ok || n%5 != 0 || n < 5*4096 {
		t.Errorf("swapped %d, %v; want five pages", n, ok)
	}
	if n, ok := swappedIn(tree("proc/vmstat", "pswpin 2\n")); ok {
		t.Errorf("half of vmstat: %d, want none", n)
	}
}
