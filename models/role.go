package models

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"ancmbench/models/internal/proctree"
)

// Variables by which a process learns what it is.
const (
	envPrefix = "ANCMBENCH_"
	envRole   = envPrefix + "ROLE"
	envSite   = envPrefix + "SITE" // the site's id, the same in all its processes
)

// RunRole is the first line of main, and of a TestMain: where the environment
// says that this process is a part of a site it plays that part and never
// returns. In any other process it returns at once and has done nothing. handler
// is the app, the same under every model; if it is an ancm.Starter it is started
// once in the process that hosts it, before its first request.
func RunRole(handler http.Handler) {
	role := os.Getenv(envRole)
	if role == "" {
		return
	}
	// The children of this process get their role from us, not by inheritance.
	os.Unsetenv(envRole)
	proctree.Title("ancmbench " + role)
	os.Exit(play(role, handler))
}

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

// environment is what the processes of the site inherit: this process's own,
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

// title is the command line that process listings show.
func (s settings) title(role string) string {
	return "ancmbench " + role + " (" + s.Options.Name + ")"
}

// forceful bounds steps that only a sick kernel would delay.
const forceful = 10 * time.Second
