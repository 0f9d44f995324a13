package figures

import (
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
)

// Title returns a row's name: the metric, with PSS or RSS where memory was read as that.
func Title(s Statement) string {
	if s.Basis == "PSS" || s.Basis == "RSS" {
		return s.Title + " (" + s.Basis + ")"
	}
	return s.Title
}

// Difference writes the difference of a statement with its sign, or "-".
func Difference(s Statement) string {
	if s.Difference == nil {
		return words.Absent
	}
	return words.Signed(s.Difference.Value, s.Unit)
}

// Judgement returns a short reading of a statement for a table.
func Judgement(s Statement) string {
	switch {
	case s.Launches == 0 && s.Note != "":
		return s.Note
	case s.Launches == 0 || s.Ratio == nil && s.Difference == nil:
		return "not measured"
	case s.Launches == 1:
		return s.Single()
	case !s.Told():
		return "no difference detected"
	case s.Worse():
		return "worse"
	default:
		return "a gain"
	}
}

// roleNames are the names for people of roles whose short names say nothing.
var roleNames = map[ancmbench.Role]string{ancmbench.RoleWAS: "activation service"}

// RoleName returns the name of a role for people.
func RoleName(r ancmbench.Role) string {
	if name := roleNames[r]; name != "" {
		return name
	}
	return words.Plain(string(r))
}

// roleMeaning explains each role to a reader who meets its short name in a table.
var roleMeaning = map[ancmbench.Role]string{
	ancmbench.RoleWAS:      "activation service (role was): holds the listening socket and starts the worker",
	ancmbench.RoleWorker:   "worker: the web server's process, with its front, the module, and in-process the app",
	ancmbench.RoleApp:      "app: the app's own process",
	ancmbench.RoleProxy:    "proxy: a real proxy in front of the app",
	ancmbench.RoleServer:   "server: the process that listens on the target's port, or the app behind a proxy",
	ancmbench.RoleUpstream: "upstream: the process that the server forwards to",
}

// RoleLegend returns one sentence that explains the roles in costs, in the order in which
// they occur. It is empty if there are none.
func RoleLegend(costs []RoleCost) string {
	var said []string
	for _, c := range costs {
		if meaning := roleMeaning[c.Role]; meaning != "" && !slices.Contains(said, meaning) {
			said = append(said, meaning)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "Roles: " + strings.Join(said, "; ") + "."
}
