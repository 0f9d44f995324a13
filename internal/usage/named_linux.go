package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench"
)

// listenersOn returns the processes that listen on a TCP port at any address, in the first
// network namespace that has any, our own before others.
func listenersOn(port uint16, _ family) ([]int, error) {
	spaces, _, err := netspaces()
	if err != nil {
		return nil, err
	}
	for _, space := range spaces {
		sockets, err := space.listening()
		if err != nil {
			return nil, err
		}
		var l listening
		for _, s := range sockets {
			if s.local.Port() == port {
				l.inodes = append(l.inodes, s.id)
			}
		}
		if len(l.inodes) > 0 {
			w, _, err := l.processes()
			if err != nil {
				return nil, err
			}
			return w.pids(), nil
		}
	}
	return nil, nil
}

// groupMembers returns the processes in a control group and below it. It fails with
// ErrNoProcess if there is no such group.
func groupMembers(r ancmbench.ProcessRule) ([]int, error) {
	dir, err := findGroup(r)
	if err != nil {
		return nil, err
	}
	var pids []int
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() != "cgroup.procs" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			pid, ok := decimal(bytes.TrimSpace(line))
			if !ok {
				return errors.New("cgroup.procs: a process id is not a number")
			}
			if pid > 0 { // 0 stands for one that is not in our process namespace
				pids = append(pids, int(pid))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("control group: %w", bare(err))
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// groupOf returns the directory of a rule's group if it counts processor time, or "".
func groupOf(r ancmbench.ProcessRule) string {
	dir, err := findGroup(r)
	if err != nil {
		return ""
	}
	if c, err := newGroupCounter(dir); err != nil || c.close() != nil {
		return ""
	}
	return dir
}

// findGroup returns the directory of the control group that a rule names: by its path, with
// or without the place where the tree is mounted, or by the name of its unit, with or
// without ".service". Of several trees it takes one that counts processor time.
func findGroup(r ancmbench.ProcessRule) (string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", bare(err)
	}
	var found []string
	for _, mount := range groupMounts(text) {
		if r.By == ancmbench.ByUnit {
			found = append(found, unitDirs(mount, r.Value)...)
			continue
		}
		path := r.Value
		if rest, below := within(mount, path); below {
			path = rest
		}
		if dir := filepath.Join(mount, path); isGroup(dir) {
			found = append(found, dir)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no such %s: %w", r.By, ErrNoProcess)
	}
	if i := slices.IndexFunc(found, func(dir string) bool { return exists(filepath.Join(dir, "cpu.stat")) }); i >= 0 {
		return found[i], nil
	}
	return found[0], nil
}

// groupMounts returns where trees of control groups are mounted, cgroup v2 first.
func groupMounts(mountinfo []byte) []string {
	var v2, v1 []string
	for line := range bytes.Lines(mountinfo) {
		before, after, ok := strings.Cut(string(line), " - ")
		f, kind := strings.Fields(before), strings.Fields(after)
		if !ok || len(f) < 5 || len(kind) == 0 {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			v2 = append(v2, f[4])
		case "cgroup":
			v1 = append(v1, f[4])
		}
	}
	return append(v2, v1...)
}

// unitDirs returns the groups of a unit below a mount.
func unitDirs(mount, unit string) []string {
	names := []string{unit}
	if filepath.Ext(unit) == "" {
		names = append(names, unit+".service", unit+".scope")
	}
	var out []string
	_ = filepath.WalkDir(mount, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // a group that has just been removed, or that we may not read
		}
		if e.IsDir() && path != mount && slices.Contains(names, e.Name()) {
			out = append(out, path)
			return fs.SkipDir
		}
		return nil
	})
	return out
}

func isGroup(dir string) bool { return exists(filepath.Join(dir, "cgroup.procs")) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
