package usage

import (
	"maps"
	"slices"
)

// family maps each process to its parent.
type family map[int]int

// pids returns all processes, in order.
func (f family) pids() []int { return slices.Sorted(maps.Keys(f)) }

// tree returns the given processes and all their descendants, in order.
func (f family) tree(roots []int) []int {
	children := make(map[int][]int, len(f))
	for pid, parent := range f {
		children[parent] = append(children[parent], pid)
	}
	seen := make(map[int]bool)
	todo := slices.Clone(roots)
	for len(todo) > 0 {
		pid := todo[0]
		todo = todo[1:]
		if seen[pid] {
			continue
		}
		seen[pid] = true
		todo = append(todo, children[pid]...)
	}
	out := make([]int, 0, len(seen))
	for pid := range seen {
		out = append(out, pid)
	}
	slices.Sort(out)
	return out
}

// unseenParent returns a process whose parent exists and cannot be seen, as where /proc
// hides the processes of other users. ok is false if there is none.
func (f family) unseenParent(pids []int) (pid int, ok bool) {
	for _, pid := range pids {
		parent, known := f[pid]
		if _, seen := f[parent]; known && parent > 0 && !seen {
			return pid, true
		}
	}
	return 0, false
}
