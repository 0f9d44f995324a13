package targets

import (
	"fmt"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// Spec says what to measure: a bundled model, a proxy of the machine in front of the model
// direct, a command of the user's, or a server that is already running. Exactly one of
// Model, Command and Target.Address is set, or Model direct with the Command that starts
// the program which the other models host.
type Spec struct {
	// Name is what reports call it.
	Name string
	// Model is a hosting model. Scheme and Protocol of Target then say how to load it.
	Model ancmbench.Model
	// Command is a server of the user's. Every fresh start runs it again.
	Command *peers.Command
	// Behind are the commands that Command stands before, the nearest first. They are
	// started with it, and each is told the address of the next.
	Behind []peers.Command
	// BehindModel is the model, direct, that the last of these commands stands before;
	// empty if there is none.
	BehindModel ancmbench.Model
	// Target is a running server of the user's. Its Workload, if it has requests,
	// replaces the profile's.
	Target ancmbench.Target
	// Processes name processes of a running server, instead of those that would be found.
	Processes []ancmbench.ProcessRule
	// Path replaces the path of the profile's requests, where Target has no Workload of its
	// own; empty replaces nothing.
	Path string
	// Header is added to every request, such as what the module would add for the program
	// that is Model direct.
	Header []ancmbench.Field
	// TwinOf names the target that this one is a copy of; empty if it is not a copy.
	TwinOf string
	// Revision is what the server was built from; nil if that is not known.
	Revision *ancmbench.Revision
}

// Foreign reports whether the target is a server that we did not start, and so must not
// stop, kill or overload.
func (s Spec) Foreign() bool { return s.Model == "" && s.Command == nil }

// Roles returns the roles of the processes that a fresh start starts for the target; nil
// for a server that we do not start.
func (s Spec) Roles() []ancmbench.Role {
	switch {
	case s.Foreign():
		return nil
	case s.Command != nil:
		return s.commandRoles()
	case s.Model.Proxy():
		return append([]ancmbench.Role{ancmbench.RoleProxy}, rolesOf(ancmbench.Direct)...)
	}
	return rolesOf(s.Model)
}

// commandRoles returns the roles of a command and of what is behind it. The last is the
// app or the user's server, and what stands before it are proxies.
func (s Spec) commandRoles() []ancmbench.Role {
	var roles []ancmbench.Role
	for i := range len(s.Behind) + 1 {
		role := ancmbench.RoleProxy
		if i > 0 {
			role = ancmbench.Role(fmt.Sprintf("%s-%d", ancmbench.RoleProxy, i+1))
		}
		roles = append(roles, role)
	}
	if s.BehindModel != "" {
		return append(roles, rolesOf(s.BehindModel)...)
	}
	roles[len(roles)-1] = ancmbench.RoleServer
	if s.Model != "" {
		roles[len(roles)-1] = ancmbench.RoleApp
	}
	return roles
}

// StartsOnRequest reports whether the first request starts the target's worker and app.
func (s Spec) StartsOnRequest() bool { return s.Model != "" && s.Command == nil }

// rolesOf returns the roles of a bundled model's processes.
func rolesOf(m ancmbench.Model) []ancmbench.Role {
	if m.HostsApp() {
		return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker}
	}
	return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleApp}
}

// FrontOf returns the further front of a site for a target's scheme and protocol; empty
// means the site's main front.
func FrontOf(t ancmbench.Target) string {
	switch {
	case t.Scheme == "https":
		return models.FrontTLS
	case t.Protocol == "h2c":
		return models.FrontH2C
	}
	return ""
}

// Place says where and how a run's targets are started. A machine that starts targets for
// another replaces CPUs and GOMAXPROCS by its own.
type Place struct {
	// Run names the run's cgroups.
	Run string
	// Listen is the address of this machine at which bundled models and proxies listen;
	// empty means 127.0.0.1. It is set if load comes from other machines.
	Listen string
	// CPUs is the set that every process is pinned to; empty means none.
	CPUs []int
	// GOMAXPROCS is set for every Go process of ours: the number of cores that they
	// share.
	GOMAXPROCS int
	// Env is added to the environment of every process, NAME=value.
	Env []string
	// Fronts are the further fronts of bundled models, as in models.Options.
	Fronts []string
	// Front, WebConfig, ModuleVersion, PathBase and Native configure bundled models, as
	// in models.Options.
	Front, WebConfig, ModuleVersion, PathBase string
	Native                                    models.NativeModules
}
