package usage

import (
	"errors"
	"fmt"
	"time"

	"ancmbench"
)

// Role is one figure of a Meter: the processes of one role of one target.
type Role struct {
	Name ancmbench.Role
	// Cgroup is the directory of the role's own leaf (Cgroups.Dirs), or empty. With a
	// leaf, PIDs are not needed, and processes may start and end.
	Cgroup string
	// PIDs are the role's processes. They are read one by one if there is no Cgroup.
	// The generator itself is Role{Name: "generator", PIDs: []int{os.Getpid()}}.
	PIDs []int
}

// UserSystem is a role's processor time since it began, split into user and system time.
// The kernel samples the split by its tick, so it is meaningful only over long times.
type UserSystem struct {
	User, System time.Duration
}

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
	// gone returns the processes that have ended. What they used after their last
	// reading is lost.
	gone() []int
	source() string
	close() error
}

// NewMeter opens the best source of each role's CPU (see the package doc). It fails if a
// role has neither group nor processes, or cannot be read. The error names all such roles.
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

// Gone returns the processes of a role that have ended. If a role is read by processes,
// what they used after their last reading is lost; a group loses nothing.
func (m *Meter) Gone(role int) []int { return m.roles[role].gone() }

// Close closes the meter's files.
func (m *Meter) Close() error {
	var errs []error
	for _, r := range m.roles {
		errs = append(errs, r.close())
	}
	m.roles = nil
	return errors.Join(errs...)
}
