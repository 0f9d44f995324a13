package models

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Variables by which a process learns what it is.
const (
	envPrefix = "ANCMBENCH_"
	envRole   = envPrefix + "ROLE"
	envSite   = envPrefix + "SITE" // the site's id, the same in all its processes
	// envModel tells an app that nobody else names the model in its responses.
	envModel = envPrefix + "MODEL"
	// envFront tells an app what its own server is made of, as Options.Front.
	envFront = envPrefix + "FRONT"
)

// settings are what the parent tells was, and was its worker.
type settings struct {
	Options Options
	// Site is the id that marks every process of the site in its environment.
	Site string
	// Dir is the site's private folder, and Executable the copy in it.
	Dir        string
	Executable string
	// Identity is what the further fronts with TLS show; empty without one.
	Identity identity
	// HTTPSPort is where the front with TLS listens; 0 without one.
	HTTPSPort int
}

func (s settings) mark() string { return envSite + "=" + s.Site }

// environment returns what the processes of the site inherit: this process's own,
// without what is ours to set.
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

// title returns the command line that process listings show.
func (s settings) title(role string) string {
	return "ancmbench " + role + " (" + s.Options.Name + ")"
}

// forceful bounds steps that only a sick kernel would delay.
const forceful = 10 * time.Second

// executableOutlivesFile: Linux can start a program through /proc/self/exe after
// its file was removed.
const executableOutlivesFile = runtime.GOOS == "linux"

// ownExecutable returns what a role starts to start another.
func (s settings) ownExecutable() string {
	if executableOutlivesFile {
		return "/proc/self/exe"
	}
	return s.Executable
}
