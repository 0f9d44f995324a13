package proctree

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process is one line of the process table.
type process struct {
	pid, parent, group int
	state              byte
}

// table reads the process table. Processes that end meanwhile are left out.
func table() ([]process, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("process table: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("process table: %w", err)
	}
	out := make([]process, 0, len(names))
	for _, n := range names {
		pid, err := strconv.Atoi(n)
		if err != nil {
			continue
		}
		if p, ok := stat(pid); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// stat reads fields 3 to 5 of /proc/PID/stat, which follow the last ")" because
// the command name in field 2 may hold anything.
func stat(pid int) (process, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return process{}, false
	}
	end := bytes.LastIndexByte(b, ')')
	if end < 0 {
		return process{}, false
	}
	f := bytes.Fields(b[end+1:])
	if len(f) < 3 || len(f[0]) != 1 {
		return process{}, false
	}
	parent, err1 := strconv.Atoi(string(f[1]))
	group, err2 := strconv.Atoi(string(f[2]))
	return process{pid: pid, parent: parent, group: group, state: f[0][0]}, err1 == nil && err2 == nil
}

func (p process) alive() bool { return p.state != 'Z' && p.state != 'X' }

// Descendants lists the living children of pid and theirs, without pid itself,
// in no order.
func Descendants(pid int) ([]int, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	children := map[int][]process{}
	for _, p := range all {
		children[p.parent] = append(children[p.parent], p)
	}
	var out []int
	seen := map[int]bool{pid: true} // a reused id must not make a circle
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		for _, c := range children[todo[0]] {
			if seen[c.pid] {
				continue
			}
			seen[c.pid] = true
			todo = append(todo, c.pid)
			if c.alive() {
				out = append(out, c.pid)
			}
		}
	}
	return out, nil
}

// Marked lists the living processes, without this one, whose environment at
// birth held the variable "NAME=value", wherever they have moved since.
func Marked(variable string) ([]int, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	var out []int
	want := []byte(variable)
	for _, p := range all {
		if !p.alive() || p.pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid) + "/environ")
		if err != nil {
			continue // another user's, or just gone
		}
		for v := range bytes.SplitSeq(env, []byte{0}) {
			if bytes.Equal(v, want) {
				out = append(out, p.pid)
				break
			}
		}
	}
	return out, nil
}

// Group lists the living processes of a process group.
func Group(pgid int) ([]int, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	var out []int
	for _, p := range all {
		if p.group == pgid && p.alive() {
			out = append(out, p.pid)
		}
	}
	return out, nil
}

// Kill ends everything that find lists, waits until it is gone, and looks again
// until a look finds nothing, so that what was being forked meanwhile is found
// too. It fails if something is still there after bound.
func Kill(bound time.Duration, find func() ([]int, error)) error {
	deadline := time.Now().Add(bound)
	for {
		pids, err := find()
		if err != nil || len(pids) == 0 {
			return err
		}
		pids = slices.DeleteFunc(pids, func(pid int) bool { return pid == os.Getpid() || pid <= 1 })
		for _, pid := range pids {
			killAndWait(pid, deadline)
		}
		if len(pids) > 0 && time.Now().After(deadline) {
			return fmt.Errorf("processes %v are still there %v after they were killed", pids, bound)
		}
	}
}

// killAndWait holds the process by a descriptor, so that a reused id is never hit.
func killAndWait(pid int, deadline time.Time) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		_ = unix.Kill(pid, unix.SIGKILL) // gone already, or a kernel before 5.3
		return
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil {
		return
	}
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return
		}
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		if err != unix.EINTR {
			return
		}
	}
}

// Subreaper makes this process the parent of every descendant whose own parent ends.
func Subreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("subreaper: %w", err)
	}
	return nil
}

// Pin restricts every thread of this process, and so every later child, to cpus.
func Pin(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	// A thread made meanwhile inherits from its maker, so look until all are done.
	done := map[string]bool{}
	for {
		names, err := threads()
		if err != nil {
			return err
		}
		fresh := 0
		for _, n := range names {
			if done[n] {
				continue
			}
			done[n] = true
			fresh++
			tid, err := strconv.Atoi(n)
			if err != nil {
				continue
			}
			if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("pinning to CPUs %v: %w", cpus, err)
			}
		}
		if fresh == 0 {
			return nil
		}
	}
}

func threads() ([]string, error) {
	dir, err := os.Open("/proc/self/task")
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	return names, nil
}

// Title sets the name that process listings show beside the id: at most 15 bytes.
func Title(name string) {
	b := append([]byte(name[:min(len(name), 15)]), 0)
	_ = os.WriteFile("/proc/self/comm", b, 0) // cosmetic
}
