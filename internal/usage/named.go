package usage

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"

	"ancmbench"
)

// ErrNoProcess is wrapped by the error for a rule that names no process of this machine.
var ErrNoProcess = errors.New("there is no such process on this machine")

// FindNamed returns the processes that some rules of one role name, and their descendants.
// It fails with ErrNoProcess if one of the rules names none, and with
// errors.ErrUnsupported if this system cannot answer one.
func FindNamed(rules []ancmbench.ProcessRule) (Role, error) {
	if len(rules) == 0 {
		return Role{}, errors.New("processes: no rule")
	}
	f, err := processes()
	if err != nil {
		return Role{}, fmt.Errorf("processes: %w", err)
	}
	all := whys{}
	for _, r := range rules {
		w, err := f.named(r)
		if err != nil {
			return Role{}, fmt.Errorf("processes %s: %w", r, err)
		}
		maps.Copy(all, w)
	}
	all.children(f)
	delete(all, os.Getpid())
	role := all.role(rules[0].Role, f)
	if only := rules[0]; len(rules) == 1 && (only.By == ancmbench.ByCgroup || only.By == ancmbench.ByUnit) {
		role.Cgroup = groupOf(only)
	}
	return role, nil
}

// named returns the processes that one rule names.
func (f family) named(r ancmbench.ProcessRule) (whys, error) {
	var pids []int
	var err error
	shown := r.String()
	switch r.By {
	case ancmbench.ByPort:
		port, e := strconv.ParseUint(r.Value, 10, 16)
		if e != nil {
			return nil, e
		}
		pids, err = listenersOn(uint16(port), f)
		if err == nil && len(pids) == 0 {
			return nil, fmt.Errorf("nothing listens on TCP port %d: %w", port, ErrNoProcess)
		}
	case ancmbench.ByPID:
		pid, e := strconv.Atoi(r.Value)
		if e != nil {
			return nil, e
		}
		if _, ok := f[pid]; ok {
			pids = []int{pid}
		}
	case ancmbench.ByName:
		pids = named(f.pids(), os.Getpid(), r.Value)
	case ancmbench.ByCgroup, ancmbench.ByUnit:
		shown = string(r.By) // a path
		pids, err = groupMembers(r)
	default:
		return nil, fmt.Errorf("a way to name processes that is not known here")
	}
	if err != nil {
		return nil, err
	}
	if len(pids) == 0 {
		return nil, ErrNoProcess
	}
	w := whys{}
	for _, pid := range pids {
		w[pid] = "named by --processes (" + shown + ")"
	}
	return w, nil
}
