package usage

import (
	"errors"
	"fmt"
	"time"

	"ancmbench"
)

// Role is what a Meter reads as one figure: the processes of one role of one arm.
type Role struct {
	Name ancmbench.Role
	// Cgroup is the directory of the role's own leaf (Cgroups.Dirs), or empty.
	// With it, processes need not be known, and may come and go.
	Cgroup string
	// PIDs are the role's processes, read one by one if there is no Cgroup. The
	// generator itself is Role{Name: "generator", PIDs: []int{os.Getpid()}}.
	PIDs []int
}

// UserSystem is processor time since a role began, split as the kernel splits
// it: sampled by its tick, so that only long stretches mean something.
type UserSystem struct {
	User, System time.Duration
}

// Meter reads the CPU of some roles, in a fixed order. Make one with NewMeter.
// It is not for use by several goroutines at once.
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
	// gone lists the processes that ended and were read for the last time
	// before that; what they used since is lost.
	gone() []int
	source() string
	close() error
}

// NewMeter opens the best source of each role's CPU (package doc). A role with
// neither group nor processes is an error, not a role that costs nothing. All
// roles that cannot be read are named in the error.
func NewMeter(roles []Role) (*Meter, error) {
	m := &Meter{}
	var errs []error
	for _, r := range roles {
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

// ReadCPU writes the CPU that each role has used since it began into into, in
// the order of the roles, whose number is the length of into. It makes one or
// two system calls per role or process and allocates nothing as long as all
// goes well, so that it can stand between two slices. On an error the roles that
// could be read are read, and the others hold what they held.
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

// ReadUserSystem does the same for user and system time, slower and with
// allocations: once before and once after a phase.
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

// Source names the source of each role's CPU, in the order of the roles: a word
// for CPU.Source.
func (m *Meter) Source(role int) string { return m.roles[role].source() }

// Gone lists the processes of a role that ended while they were read one by
// one: what they used after the last reading is lost. A group loses nothing.
func (m *Meter) Gone(role int) []int { return m.roles[role].gone() }

// Close gives back what the meter holds open.
func (m *Meter) Close() error {
	var errs []error
	for _, r := range m.roles {
		errs = append(errs, r.close())
	}
	m.roles = nil
	return errors.Join(errs...)
}
