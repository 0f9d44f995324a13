package usage

import (
	"errors"
	"fmt"
	"time"

	"ancmbench"
)

// Meter reads the CPU of some roles, in a fixed order. Make one with NewMeter. It is not
// safe for concurrent use.
type Meter struct {
	roles []meteredRole
}

type meteredRole struct {
	name ancmbench.Role
	counter
}

// counter is one source of one role's CPU. Totals never decrease.
type counter interface {
	total() (time.Duration, error)
	userSystem() (UserSystem, error)
	// missed returns how often a part of what the role used could not be known, and why
	// at last.
	missed() (int, string)
	source() string
	close() error
}

// unread is the counter of a role that is not read, and why it is not.
type unread string

func (u unread) total() (time.Duration, error)   { return 0, nil }
func (u unread) userSystem() (UserSystem, error) { return UserSystem{}, nil }
func (u unread) missed() (int, string)           { return 1, string(u) }
func (u unread) source() string                  { return "" }
func (u unread) close() error                    { return nil }

// ended is what a counter misses of processes that have ended.
func ended(pids []int) (int, string) {
	if len(pids) == 0 {
		return 0, ""
	}
	return len(pids), endedWhy(pids[len(pids)-1])
}

func endedWhy(pid int) string {
	return fmt.Sprintf("process %d ended, and what it used last is not known", pid)
}

// NewMeter opens the best source of each role's CPU (see the package doc). It fails if a
// role has neither group nor processes, or cannot be read. The error names all such roles.
func NewMeter(roles []Role) (*Meter, error) {
	m := &Meter{}
	var errs []error
	for _, r := range roles {
		if r.Missing != "" {
			m.roles = append(m.roles, meteredRole{r.Name, unread(r.Missing)})
			continue
		}
		if r.Cgroup == "" && len(r.PIDs) == 0 {
			errs = append(errs, fmt.Errorf("cpu of role %s: no group and no processes", r.Name))
			continue
		}
		c, err := newCounter(r)
		if err != nil {
			errs = append(errs, fmt.Errorf("cpu of role %s: %w", r.Name, err))
			continue
		}
		m.roles = append(m.roles, meteredRole{r.Name, c})
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, m.Close())...)
	}
	return m, nil
}

// ReadCPU writes the CPU that each role has used since it began to into, in the order of
// the roles. The length of into must be the number of roles. It makes one or two system
// calls per role or process and allocates nothing unless it fails, so it can be called
// between two slices. If it fails, the elements of the roles that could not be read are
// unchanged.
func (m *Meter) ReadCPU(into []time.Duration) error {
	if len(into) != len(m.roles) {
		return fmt.Errorf("cpu: room for %d roles, and there are %d", len(into), len(m.roles))
	}
	var errs error
	for i := range m.roles {
		d, err := m.roles[i].total()
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("cpu of role %s: %w", m.roles[i].name, err))
			continue
		}
		into[i] = d
	}
	return errs
}

// ReadUserSystem is like ReadCPU, for user and system time. It is slower and allocates;
// call it before and after a phase.
func (m *Meter) ReadUserSystem(into []UserSystem) error {
	if len(into) != len(m.roles) {
		return fmt.Errorf("cpu: room for %d roles, and there are %d", len(into), len(m.roles))
	}
	var errs error
	for i := range m.roles {
		u, err := m.roles[i].userSystem()
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("cpu of role %s: %w", m.roles[i].name, err))
			continue
		}
		into[i] = u
	}
	return errs
}

// Source returns the source of a role's CPU, a word for CPU.Source.
func (m *Meter) Source(role int) string { return m.roles[role].source() }

// Missed returns how often since NewMeter a part of what a role used became unknown, and why
// at last: a process has ended, and nothing accounts for what it used after its last
// reading. A group, and the parent of ended processes, miss nothing. A role that is not
// read misses everything.
func (m *Meter) Missed(role int) (times int, why string) { return m.roles[role].missed() }

// Close closes the meter's files.
func (m *Meter) Close() error {
	var errs []error
	for _, r := range m.roles {
		errs = append(errs, r.close())
	}
	m.roles = nil
	return errors.Join(errs...)
}
