package usage

import (
	"errors"
	"maps"
	"slices"

	"ancmbench"
)

// identify notes when each process of the role began, and which of them nobody else of the
// role has started.
func (r Role) identify(f family) Role {
	r.starts = make(map[int]uint64, len(r.PIDs))
	for _, pid := range r.PIDs {
		if start, err := startTicks(pid); err == nil {
			r.starts[pid] = start
		}
		if !slices.Contains(r.PIDs, f[pid]) {
			r.roots = append(r.roots, pid)
		}
	}
	return r
}

// With returns the role with the processes of another one, too.
func (r Role) With(more Role) Role {
	out := r
	out.PIDs, out.roots = slices.Clone(r.PIDs), slices.Clone(r.roots)
	out.Whys, out.starts = maps.Clone(r.Whys), maps.Clone(r.starts)
	for _, pid := range more.PIDs {
		if slices.Contains(out.PIDs, pid) {
			continue
		}
		out.PIDs = append(out.PIDs, pid)
		out.Whys[pid] = more.Whys[pid]
		if start, ok := more.starts[pid]; ok {
			out.starts[pid] = start
		}
		if slices.Contains(more.roots, pid) {
			out.roots = append(out.roots, pid)
		}
	}
	slices.Sort(out.PIDs)
	if out.Missing == "" {
		out.Missing = more.Missing
	}
	return out
}

// Ended returns those of the role's processes that have ended and that no other process of
// the role started: the server was stopped, or started anew. A master's workers may end. A
// process id that belongs to another process by now counts as ended.
func (r Role) Ended() []int {
	var out []int
	for _, pid := range r.roots {
		if !r.lives(pid) {
			out = append(out, pid)
		}
	}
	return out
}

// lives reports whether a process of the role still runs.
func (r Role) lives(pid int) bool {
	start, err := startTicks(pid)
	if err != nil {
		return !errors.Is(err, ErrGone) // we may not inspect it
	}
	known, ok := r.starts[pid]
	return !ok || start == known
}

// Living returns the role's processes of now: those of its PIDs that still run, with those
// that they have started if the role counts children. It fails with ErrGone if none is
// left.
func (r Role) Living() ([]int, error) {
	if !r.Children {
		return r.PIDs, nil
	}
	f, err := processes()
	if err != nil {
		return nil, err
	}
	var alive []int
	for _, pid := range r.PIDs {
		if _, ok := f[pid]; ok && r.lives(pid) {
			alive = append(alive, pid)
		}
	}
	if len(alive) == 0 {
		return nil, ErrGone
	}
	return f.tree(alive), nil
}

// RoleMemory is the memory of the processes of a role, and how many there are.
type RoleMemory struct {
	Use         ancmbench.MemoryUse
	Processes   int
	Unsupported Unsupported
}

// ReadRoleMemory is ReadMemory for the role's processes of now. A process that ends while it
// is read is left out, because its memory is free.
func ReadRoleMemory(r Role) (use RoleMemory, err error) {
	const tries = 5
	for range tries {
		var pids []int
		if pids, err = r.Living(); err != nil {
			return use, err
		}
		use.Processes = len(pids)
		use.Use, use.Unsupported, err = ReadMemory(pids)
		if !errors.Is(err, ErrGone) || !r.Children {
			return use, err
		}
	}
	return use, err
}

// Programs returns what identifies the program files of the role's processes; processes of one
// file share the pages of their code. It leaves out those that we may not see.
func (r Role) Programs() []string {
	var out []string
	for _, pid := range r.PIDs {
		if id := programID(pid); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
