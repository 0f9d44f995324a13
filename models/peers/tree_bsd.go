//go:build unix && !linux

package peers

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pids lists the living processes of the group and the descendants of the root,
// as ps tells it: the system has no /proc.
func (t *tree) pids() ([]int, error) {
	out, err := exec.Command("ps", "-axo", "pid=,ppid=,pgid=,stat=").Output()
	if err != nil {
		return nil, fmt.Errorf("process table: %w", err)
	}
	if t.groupGone.Load() {
		return nil, nil
	}
	reaped := t.reaped.Load()
	inside := map[int]bool{t.root: !reaped}
	var pids []int
	for grown := true; grown; { // a child may be listed before its parent
		grown, pids = false, nil
		for line := range strings.Lines(string(out)) {
			w := strings.Fields(line)
			if len(w) < 4 || strings.HasPrefix(w[3], "Z") {
				continue
			}
			pid, err1 := strconv.Atoi(w[0])
			parent, err2 := strconv.Atoi(w[1])
			group, err3 := strconv.Atoi(w[2])
			if errors.Join(err1, err2, err3) != nil || !inside[pid] && !inside[parent] && group != t.root {
				continue
			}
			grown = grown || !inside[pid]
			inside[pid] = true
			pids = append(pids, pid)
		}
	}
	if reaped && len(pids) == 0 {
		t.groupGone.Store(true)
	}
	return together(pids), nil
}

// kill ends every process of the tree and returns when none is left.
func (t *tree) kill(bound time.Duration) error {
	for end := time.Now().Add(bound); ; time.Sleep(5 * time.Millisecond) {
		if !t.groupGone.Load() {
			_ = syscall.Kill(-t.root, syscall.SIGKILL)
		}
		pids, err := t.pids()
		if err != nil || len(pids) == 0 {
			return err
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if time.Now().After(end) {
			return fmt.Errorf("processes %v are still there %v after they were killed", pids, bound)
		}
	}
}

func pinThread(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	return errors.New("pinning to CPUs: only Linux is supported")
}
