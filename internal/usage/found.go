package usage

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"ancmbench"
)

// ErrNoListener is wrapped by the error for an address at which no visible process of
// this machine listens.
var ErrNoListener = errors.New("nothing listens there on this machine")

// ErrElsewhere is wrapped by the error for an address that does not belong to this machine.
var ErrElsewhere = errors.New("the server is not on this machine")

// whys maps each process of a role to the reason why it is counted. The reasons go into
// results files, so they have no paths and no addresses of this machine but loopback.
type whys map[int]string

// pids returns the processes in order.
func (w whys) pids() []int { return slices.Sorted(maps.Keys(w)) }

// children adds the descendants of the processes. What is a process of its own right keeps
// its reason.
func (w whys) children(f family) {
	for _, pid := range f.tree(w.pids()) {
		if _, known := w[pid]; !known {
			w[pid] = fmt.Sprintf("child of %d", f[pid])
		}
	}
}

// role returns the role of the processes.
func (w whys) role(name ancmbench.Role, f family) Role {
	return Role{Name: name, PIDs: w.pids(), Whys: w, Children: true}.identify(f)
}

// Describe returns the role's processes with their names and why they are counted. It
// leaves out those that have ended.
func (r Role) Describe() []ancmbench.Process {
	out := make([]ancmbench.Process, 0, len(r.PIDs))
	for _, pid := range r.PIDs {
		name := fullName(pid)
		if name == "" {
			continue
		}
		out = append(out, ancmbench.Process{PID: pid, Name: name, Role: r.Name, Why: r.Whys[pid]})
	}
	return out
}

// fullName returns a process's own name, followed by that of its program where they differ;
// empty if it has ended.
func fullName(pid int) string {
	own, program := namesOf(pid)
	if own == "" || program == "" || own == program {
		return own
	}
	// The system cuts a process's own name.
	if len(own) < len(program) && program[:len(own)] == own {
		return program
	}
	return own + " (" + program + ")"
}

// named returns the processes of that name, ourselves excluded: their own name, or that of
// their program, with or without ".exe".
func named(pids []int, self int, name string) []int {
	var out []int
	for _, pid := range pids {
		if pid == self {
			continue
		}
		own, program := namesOf(pid)
		if sameName(own, name) || sameName(program, name) {
			out = append(out, pid)
		}
	}
	return out
}

// servers returns the server's processes for the holders of a listening socket: those, and
// their descendants. A service manager that opened the socket (process 1, or one that holds
// it for others) does not belong to the server if another process holds the socket too.
func (f family) servers(holders []int, why string) whys {
	if len(holders) > 1 {
		holders = slices.DeleteFunc(slices.Clone(holders), func(pid int) bool { return pid == 1 })
	}
	w := whys{}
	for _, pid := range holders {
		w[pid] = why
	}
	if slices.Equal(holders, []int{1}) && len(f) > 1 {
		return w // without its descendants, which are all processes
	}
	w.children(f)
	return w
}
