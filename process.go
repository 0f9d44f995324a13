package ancmbench

import (
	"fmt"
	"strconv"
	"strings"
)

// Process is one process that is counted as a part of a target.
type Process struct {
	PID int `json:"pid"`
	// Name is the process's own name, followed by its program's where the two differ:
	// "nginx", "gunicorn (python3.11)".
	Name string `json:"name"`
	Role Role   `json:"role"`
	// Why is the reason why it is counted, without paths: "listens on 127.0.0.1:8080".
	Why string `json:"why"`
}

// ProcessRule says which processes play a role of a target that was not started by us. It
// replaces what would be found for that role.
type ProcessRule struct {
	Role Role      `json:"role"`
	By   ProcessBy `json:"by"`
	// Value is a port, a process id, a name, a cgroup or a unit, as By says.
	Value string `json:"value"`
}

// ProcessBy is how a ProcessRule names processes.
type ProcessBy string

// The ways to name processes. Their children are always included.
const (
	ByPort   ProcessBy = "port"   // those that listen on a TCP port of this machine
	ByPID    ProcessBy = "pid"    // one process
	ByName   ProcessBy = "name"   // every process of that name
	ByCgroup ProcessBy = "cgroup" // those in a control group, below it too
	ByUnit   ProcessBy = "unit"   // those of a systemd unit
)

// ruleRoles are the roles that a ProcessRule may give: those of the process that the
// generator talks to, and those of what is behind it.
var ruleRoles = map[Role]bool{RoleServer: true, RoleProxy: true, RoleUpstream: false, RoleApp: false}

// InFront reports whether the rule is for the process that the generator talks to, and not
// for one behind it.
func (r ProcessRule) InFront() bool { return ruleRoles[r.Role] }

func (r ProcessRule) String() string { return string(r.By) + ":" + r.Value }

// ParseProcessRule reads how processes are named, as "port:8080", and checks the role. It
// fails if the role is none that a user may give, or the text names no processes.
func ParseProcessRule(role, text string) (ProcessRule, error) {
	r := ProcessRule{Role: Role(role)}
	if _, known := ruleRoles[r.Role]; !known {
		return r, fmt.Errorf("role %q: want server or proxy (what the generator talks to), upstream or app (what is behind it)", role)
	}
	by, value, _ := strings.Cut(text, ":")
	r.By, r.Value = ProcessBy(by), strings.TrimSpace(value)
	switch r.By {
	case ByPort:
		if n, err := strconv.ParseUint(r.Value, 10, 16); err != nil || n == 0 {
			return r, fmt.Errorf("%q: the port must be 1 to 65535", text)
		}
	case ByPID:
		if n, err := strconv.ParseUint(r.Value, 10, 31); err != nil || n == 0 {
			return r, fmt.Errorf("%q: the process id must be a whole number above 0", text)
		}
	case ByName, ByCgroup, ByUnit:
		if r.Value == "" {
			return r, fmt.Errorf("%q: nothing follows %s:", text, by)
		}
		if len(r.Value) > maxRuleValue {
			return r, fmt.Errorf("%s: %d bytes are too many, at most %d are allowed", by, len(r.Value), maxRuleValue)
		}
	default:
		return r, fmt.Errorf("%q: want port:N, pid:N, name:NAME, cgroup:PATH or unit:NAME", text)
	}
	return r, nil
}

// maxRuleValue limits the text of a rule, in bytes: a cgroup's path is the longest.
const maxRuleValue = 4096

// CheckProcessRules returns an error if two rules are for the same place, in front or
// behind, under two roles: a target has one role in front and one behind.
func CheckProcessRules(rules []ProcessRule) error {
	given := map[bool]Role{}
	for _, r := range rules {
		if other, ok := given[r.InFront()]; ok && other != r.Role {
			return fmt.Errorf("roles %s and %s are two names for the same place: use one of them", other, r.Role)
		}
		given[r.InFront()] = r.Role
	}
	return nil
}
