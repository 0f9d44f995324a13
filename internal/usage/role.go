package usage

import (
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
	// Whys has the reason why each of the PIDs is counted, for servers that we did not
	// start.
	Whys map[int]string
	// Missing is why not all of the role's processes can be counted; empty if they can.
	// What the others cost is no value of the role, so a Meter does not read them.
	Missing string
	// Children counts the processes that the role's processes start, too, and what ended
	// ones used until their end.
	Children bool

	starts map[int]uint64 // when each of the PIDs began, in the system's own unit
	roots  []int          // those of the PIDs that no other of them has started
}

// UserSystem is a role's processor time since it began, split into user and system time.
// The kernel samples the split by its tick, so it is meaningful only over long times.
type UserSystem struct {
	User, System time.Duration
}
