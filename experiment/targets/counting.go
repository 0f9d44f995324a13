package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models"
)

// counting reads what the processes of a local target cost.
type counting struct {
	name   string
	roles  []ancmbench.Role
	ledger *usage.Ledger
	// foreign says that we did not start the target, so that its runtimes are not asked.
	foreign bool
	// find returns the processes by role, in the order of roles; nil, and no error, if
	// none is known.
	find func(context.Context) ([]usage.Role, error)
	// runtime returns what Go processes of ours say of themselves; nil if there are none.
	runtime func(context.Context) (map[string]models.Runtime, error)

	// children names the roles whose processes start others that belong to the role.
	children map[ancmbench.Role]bool

	groups *usage.Cgroups // nil where there are none
	meter  *usage.Meter   // nil where no process is known
	book   *usage.Account // the target's account in the ledger; nil if there is none
	procs  []usage.Role   // the processes when the meter was opened
	listed []ancmbench.Process
	// programs are those of procs.
	programs []string
	// unsupported says why there is no meter.
	unsupported string
	load        load
	followed    []followed // the .NET runtimes that Compiled follows
}

// group makes a cgroup for every role of the target, where cgroups are available, and opens
// the target's account, so that starting is not counted as load from outside the run.
func (c *counting) group(run string) {
	var names []string
	for _, role := range c.roles {
		names = append(names, string(role))
	}
	groups, err := usage.NewCgroups(run, c.name, names)
	if err != nil {
		c.unsupported = err.Error()
		return
	}
	c.groups = groups
	if c.ledger != nil {
		c.book, _ = c.ledger.Open(c.inRoles(nil))
	}
}

// dir returns the cgroup of a role, or "".
func (c *counting) dir(role ancmbench.Role) string {
	if c.groups == nil {
		return ""
	}
	return c.groups.Dirs()[string(role)]
}

// inRoles returns the target's roles with their processes and cgroups.
func (c *counting) inRoles(pids map[ancmbench.Role][]int) []usage.Role {
	roles := make([]usage.Role, len(c.roles))
	for i, name := range c.roles {
		roles[i] = usage.Role{Name: name, PIDs: pids[name], Cgroup: c.dir(name), Children: c.children[name]}
	}
	return roles
}

// Open is Running.Open.
func (c *counting) Open(ctx context.Context) error {
	if c.meter != nil || c.roles == nil {
		return nil
	}
	roles, err := c.find(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if c.procs = roles; roles == nil {
		return nil
	}
	c.list()
	if c.meter, err = usage.NewMeter(roles); err != nil {
		c.unsupported, c.meter = err.Error(), nil
		return nil
	}
	if c.book == nil && c.ledger != nil {
		c.book, err = c.ledger.Open(roles)
	}
	return err
}

// closeMeter closes the counters; Open opens them for the processes that run then.
func (c *counting) closeMeter() error {
	if c.meter == nil {
		return nil
	}
	err := c.meter.Close()
	c.meter = nil
	return err
}

// closeBook closes the target's account. Call it before the cgroups are removed.
func (c *counting) closeBook() error {
	if c.book == nil {
		return nil
	}
	err := c.book.Close()
	c.book = nil
	return err
}

// close closes what counts the processes. The processes end after it.
func (c *counting) close() error {
	c.unfollow()
	c.load.sampling.end()
	return errors.Join(c.load.close(), c.closeMeter(), c.closeBook())
}

// removeGroups removes the cgroups. The processes have removed them already, unless they
// did not start.
func (c *counting) removeGroups() {
	if c.groups != nil {
		_ = c.groups.Remove()
	}
}

// list notes the processes of now, for Info.
func (c *counting) list() {
	c.listed, c.programs = nil, nil
	for _, role := range c.procs {
		if role.Whys == nil && role.Missing == "" {
			role.Whys = map[int]string{}
			for _, pid := range role.PIDs {
				role.Whys[pid] = "started by ancmbench"
			}
		}
		c.listed = append(c.listed, role.Describe()...)
		for _, id := range role.Programs() {
			if !slices.Contains(c.programs, id) {
				c.programs = append(c.programs, id)
			}
		}
	}
}

// Unread is the error of Memory: why the memory of some roles could not be read.
type Unread map[ancmbench.Role]string

func (u Unread) Error() string {
	var said []string
	for _, role := range slices.Sorted(maps.Keys(u)) {
		said = append(said, fmt.Sprintf("memory of %s: %s", role, u[role]))
	}
	return strings.Join(said, "; ")
}

// WhyUnread returns why Memory could not read a role.
func WhyUnread(err error, role ancmbench.Role) string {
	var unread Unread
	if errors.As(err, &unread) && unread[role] != "" {
		return unread[role]
	}
	return reason(err)
}

// Memory is Running.Memory, over the processes that Open found.
func (c *counting) Memory(ctx context.Context) (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	m, err := c.readMemory()
	c.readHeaps(ctx, m)
	return m, err
}

// readMemory reads memory from the system. It changes nothing, so it can run during a load.
func (c *counting) readMemory() (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	m := make(map[ancmbench.Role]*ancmbench.MemoryUse, len(c.procs))
	unread := Unread{}
	for _, role := range c.procs {
		if role.Missing != "" {
			unread[role.Name] = role.Missing
			continue
		}
		if len(role.PIDs) == 0 {
			continue
		}
		read, err := usage.ReadRoleMemory(role)
		if err != nil {
			unread[role.Name] = err.Error()
			continue
		}
		m[role.Name] = &read.Use
	}
	if len(unread) > 0 {
		return m, unread
	}
	return m, nil
}

// Asked is Running.Asked of a target for which it does not matter.
func (c *counting) Asked(Asked) {}

func (c *counting) whyNoCPU(failed error) string {
	switch {
	case c.unsupported != "":
		return c.unsupported
	case failed != nil:
		return failed.Error()
	default:
		return "no process found"
	}
}

// Warmed is Running.Warmed of a target whose processes are known from the start.
func (c *counting) Warmed(context.Context) error { return nil }

// Kill is Running.Kill of a target of which nothing would start a process again.
func (c *counting) Kill(_ context.Context, role ancmbench.Role) (time.Time, error) {
	return time.Time{}, fmt.Errorf("%s: its %s would not start again: %w", c.name, role, errors.ErrUnsupported)
}

// Relaunch is Running.Relaunch of a target that is not started by us, or by its first
// request.
func (c *counting) Relaunch(context.Context) (time.Time, error) {
	return time.Time{}, fmt.Errorf("%s: no process to start: %w", c.name, errors.ErrUnsupported)
}
