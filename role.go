package ancmbench

// Role is the part that a process plays among those of one target.
type Role string

// The roles.
const (
	RoleWAS      Role = "was"      // the activation service, which holds the listening socket and starts the worker; every bundled model has it
	RoleWorker   Role = "worker"   // the process with the front and the module, and with the app if the model HostsApp
	RoleApp      Role = "app"      // the app's own process, or of a user's server what --processes calls that
	RoleProxy    Role = "proxy"    // a proxy installed on the machine, in front of the model direct, or what --processes calls that
	RoleServer   Role = "server"   // a user's process that listens on the target's port, and its children
	RoleUpstream Role = "upstream" // a process that such a server forwards to

	// GeneratorRole is the load generator, which is not part of a target's cost.
	GeneratorRole Role = "generator"
)
