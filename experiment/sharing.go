package experiment

import (
	"fmt"
	"slices"

	"ancmbench"
)

// shares says which targets have a process of a role of another target among their own. Such
// a process works for the other in the other's slices.
type shares map[shareID][]int

type shareID struct {
	target int
	role   ancmbench.Role
}

// sharing finds the processes that are in two targets: as where one is the app behind the
// other.
func sharing(live []*target) shares {
	var known [][]ancmbench.Process
	for _, a := range live {
		known = append(known, a.running.Info().Processes)
	}
	s := shares{}
	for i := range known {
		for j := range known {
			for _, p := range known[i] {
				if i != j && contains(known[j], p) {
					id := shareID{i, p.Role}
					if !slices.Contains(s[id], j) {
						s[id] = append(s[id], j)
					}
				}
			}
		}
	}
	return s
}

// contains reports whether a process is among others, in whatever role.
func contains(list []ancmbench.Process, p ancmbench.Process) bool {
	return slices.ContainsFunc(list, func(o ancmbench.Process) bool { return o.PID == p.PID && o.Name == p.Name })
}

// any reports whether a process of a target's role is in another target too.
func (s shares) any(target int, role ancmbench.Role) bool { return len(s[shareID{target, role}]) > 0 }

// with reports whether it is in a certain other target.
func (s shares) with(target int, role ancmbench.Role, other int) bool {
	return slices.Contains(s[shareID{target, role}], other)
}

// noteSharing warns, once a run, of processes in two targets and of targets whose processes
// share pages, and of targets whose processes are not known.
func (r *runner) noteSharing(live []*target) {
	for i, a := range live {
		mine := a.running.Info()
		if a.spec.Foreign() && mine.Roles == nil && mine.Missing != "" {
			r.warnOnce(ancmbench.Warning{Code: ancmbench.WarnProcessesNotFound, Target: a.spec.Name, Detail: mine.Missing})
		}
		for _, b := range live[i+1:] {
			theirs := b.running.Info()
			both := slices.DeleteFunc(slices.Clone(mine.Processes), func(p ancmbench.Process) bool { return !contains(theirs.Processes, p) })
			if len(both) > 0 {
				r.warnOnce(ancmbench.Warning{Code: ancmbench.WarnSharedProcess,
					Detail: fmt.Sprintf("%s (process %d) is in %s and in %s", both[0].Name, both[0].PID, a.spec.Name, b.spec.Name)})
			}
			alone := func(info []ancmbench.Process) bool {
				return slices.ContainsFunc(info, func(p ancmbench.Process) bool { return !contains(both, p) })
			}
			oneProgram := slices.ContainsFunc(mine.Programs, func(id string) bool { return slices.Contains(theirs.Programs, id) })
			if oneProgram && alone(mine.Processes) && alone(theirs.Processes) && len(both) == 0 {
				r.warnOnce(ancmbench.Warning{Code: ancmbench.WarnSharedPages, Detail: a.spec.Name + " and " + b.spec.Name})
			}
		}
	}
}

// warnOnce adds a warning to the run unless it has one of this code about the same targets.
func (r *runner) warnOnce(w ancmbench.Warning) {
	key := string(w.Code) + w.Target
	if w.Code == ancmbench.WarnSharedPages {
		key += w.Detail
	}
	if r.warned == nil {
		r.warned = map[string]bool{}
	}
	if !r.warned[key] {
		r.warned[key] = true
		r.run.Warnings = append(r.run.Warnings, w)
	}
}
