package ancmbench

// Role is what a process is there for, among those of one target.
type Role string

// The roles.
const (
	RoleWAS      Role = "was"      // holds the listening socket and starts the worker; every bundled model
	RoleWorker   Role = "worker"   // the front, with the module, and with the app where the model HostsApp
	RoleApp      Role = "app"      // the app's own process
	RoleProxy    Role = "proxy"    // a real proxy of the machine's, in front of the model direct
	RoleServer   Role = "server"   // a process of the user's that listens on the target's port, and its children
	RoleUpstream Role = "upstream" // one that such a server forwards to

	// GeneratorRole is the load generator, which is no part of what a target costs.
	GeneratorRole Role = "generator"
)
