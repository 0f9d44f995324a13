package usage

import (
	"errors"
	"strings"
	"testing"
)

// Lines as the kernel writes them, on machines of different kinds.
const (
	hybridMounts = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
	hybridOwn = "9:name=systemd:/\n4:memory:/some/where\n1:cpu:/\n0::/\n"

	pureMounts = `24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw
35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
`
	pureOwn = "0::/user.slice/user-1000.slice/session-3.scope\n"

	// The host's cgroup namespace, and the mount shows only the container's part.
	subtreeMounts = `700 690 0:30 /system.slice/docker-ab.scope /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate
`
	readOnlyMounts = `700 690 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate
`
)

func TestGroupPlace(t *testing.T) {
	tests := []struct {
		name, mounts, own string
		want              string // or
		why               string
	}{
		{"hybrid", hybridMounts, hybridOwn, "/sys/fs/cgroup/unified", ""},
		{"pure", pureMounts, pureOwn, "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope", ""},
		{"container with a namespace", pureMounts, "0::/\n", "/sys/fs/cgroup", ""},
		{"container, own part mounted", subtreeMounts, "0::/system.slice/docker-ab.scope\n", "/sys/fs/cgroup", ""},
		{"container, group below its own", subtreeMounts, "0::/system.slice/docker-ab.scope/init\n", "/sys/fs/cgroup/init", ""},
		{"sibling with the same beginning", subtreeMounts, "0::/system.slice/docker-ab.scope2\n", "", "outside"},
		{"other namespace", pureMounts, "0::/../other\n", "", "outside"},
		{"read-only", readOnlyMounts, "0::/\n", "", "read-only"},
		{"read-only first", readOnlyMounts + pureMounts, "0::/\n", "/sys/fs/cgroup", ""},
		{"v1 only", strings.Replace(hybridMounts, "cgroup2 cgroup2", "tmpfs tmpfs", 1), hybridOwn, "", "not mounted"},
		{"no v2 group", pureMounts, "1:cpu:/\n", "", "no cgroup v2 group"},
		{"removed", pureMounts, "0::/gone (deleted)\n", "", "removed"},
		{"space in the path", strings.ReplaceAll(pureMounts, "/sys/fs/cgroup", `/my\040cgroups`), "0::/a\n", "/my cgroups/a", ""},
		{"nothing", "", "", "", "no cgroup v2 group"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := groupPlace([]byte(tt.mounts), []byte(tt.own))
			if tt.why == "" {
				if err != nil || got != tt.want {
					t.Fatalf("got %q, %v; want %q", got, err, tt.want)
				}
				return
			}
			if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), tt.why) {
				t.Fatalf("got %q, %v; want unsupported: %s", got, err, tt.why)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", `a\040b`: "a b", `\134`: `\`, `\04`: `\04`, `\999`: `\999`, `x\011`: "x\t",
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzGroupPlace(f *testing.F) {
	f.Add(hybridMounts, hybridOwn)
	f.Add(pureMounts, pureOwn)
	f.Add(subtreeMounts, "0::/system.slice/docker-ab.scope/init\n")
	f.Fuzz(func(t *testing.T, mounts, own string) {
		dir, err := groupPlace([]byte(mounts), []byte(own))
		if (dir == "") == (err == nil) {
			t.Fatalf("neither a place nor a reason, or both: %q, %v", dir, err)
		}
	})
}
