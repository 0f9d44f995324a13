package models

import (
	"ancmbench"
)

// Roles of the processes of a bundled model, as written into RoleUsage.Role.
const (
	RoleWAS    = "was"    // holds the listening socket, starts the worker; every model
	RoleWorker = "worker" // front + module (+ app, in-process); for direct: the app's own server
	RoleApp    = "app"    // the app's own process, out-of-process models only
)

// Options say how a model is to be started. The zero value but for Model works.
type Options struct {
	Model ancmbench.Model
	// Name tells this arm from the others of a run, in process names and folders;
	// empty means the model's.
	Name string
	// Front is "auto", "lean" or "nethttp"; empty means auto.
	Front string
	// Listen is the address of the front; empty means 127.0.0.1:0.
	Listen string
	// Cgroups maps a role to the cgroup v2 directory into which its processes are
	// born; a role without one stays in its parent's. The was process removes
	// the directories when it ends, also when its parent was killed.
	Cgroups map[string]string
	// CPUs is the set that every process is pinned to; empty means none.
	CPUs []int
	// GOMAXPROCS of every Go role, explicit and equal; zero means the number of CPUs
	// in CPUs, or of the machine.
	GOMAXPROCS int
	// Env is added to the environment of worker and app, "KEY=value".
	Env []string
}

// Process is one process of a site.
type Process struct {
	Role string
	PID  int
}
