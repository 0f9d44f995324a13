package models

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Variables that tell a process of the site its part.
const (
	envPrefix = "ANCMBENCH_"
	envRole   = envPrefix + "ROLE"
	envSite   = envPrefix + "SITE" // the site's id, the same in all its processes
	// envModel names the model to an app that must put it into its responses itself,
	// because no front does.
	envModel = envPrefix + "MODEL"
	// envFront names the implementation of the app's own server, as Options.Front.
	envFront = envPrefix + "FRONT"
)

// settings are what the parent sends to the activation service, and that to its
// workers.
type settings struct {
	Options Options
	// Site is the id that marks every process of the site in its environment.
	Site string
	// Dir is the site's private folder, and Executable the copy in it.
	Dir        string
	Executable string
	// Identity is the certificate of the further front with TLS; empty without one.
	Identity identity
	// HTTPSPort is the port of the front with TLS; 0 without one.
	HTTPSPort int
}

func (s settings) mark() string { return envSite + "=" + s.Site }

// environment returns the environment of a process of the site in this role: this
// process's own, with the variables that begin with ANCMBENCH_ replaced by the site's.
func (s settings) environment(role string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, envPrefix) {
			env = append(env, kv)
		}
	}
	if role != RoleWAS {
		env = append(env, s.Options.Env...)
	}
	return append(env, envRole+"="+role, s.mark(),
		"GOMAXPROCS="+strconv.Itoa(s.Options.GOMAXPROCS))
}

// title returns the command line that process listings show for a role.
func (s settings) title(role string) string {
	return "ancmbench " + role + " (" + s.Options.Name + ")"
}

// forceful bounds steps that take long only if the kernel does not work.
const forceful = 10 * time.Second

// executableOutlivesFile reports whether a process can start its own program after the
// file was removed: Linux can, through /proc/self/exe.
const executableOutlivesFile = runtime.GOOS == "linux"

// ownExecutable returns the path of the program that a role starts for another role.
func (s settings) ownExecutable() string {
	if executableOutlivesFile {
		return "/proc/self/exe"
	}
	return s.Executable
}
