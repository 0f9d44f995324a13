package peers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Command is a server of the user's: any program that can listen on a given port.
//
// It gets a free port of 127.0.0.1 in three ways, and may use any of them: the variable
// PORT (what Node frameworks, Procfiles and buildpacks read; also as ANCMBENCH_PORT,
// and whole as ANCMBENCH_URL = http://127.0.0.1:PORT), the variable ASPNETCORE_URLS
// (Kestrel's; ASPNETCORE_PORT is not set, because with it an app that has IIS
// Integration expects the module's token), and {port} anywhere in Line.
type Command struct {
	// Name is what errors call it; empty means "command".
	Name string
	// Line is run by sh -c, on Windows by cmd /C. Required. It must stay in the
	// foreground: when its first process ends the server is over.
	Line string
	// Dir is the working directory; empty means ours.
	Dir string
	// Env is added to our environment, "KEY=value".
	Env []string
	// Unset names variables of our environment that the command does not get.
	Unset []string
	// Cgroup is the cgroup v2 directory into which the command is born; empty
	// means ours. It is removed in the end, and then those above it that are
	// empty and whose name begins with "ancmbench".
	Cgroup string
	// CPUs is the set that it is pinned to from birth; empty means none. Linux only.
	CPUs []int
	// StartTimeout is how long it may take to listen; zero means 60 s.
	StartTimeout time.Duration
	// Grace is how long Stop waits after SIGTERM before it uses force; zero means 10 s.
	Grace time.Duration
}

// check returns every fault of the options, joined.
func (c Command) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.Line) == "" {
		fault("no command line")
	}
	if c.Dir != "" {
		if fi, err := os.Stat(c.Dir); err != nil {
			fault("working directory: %w", err)
		} else if !fi.IsDir() {
			fault("working directory %s: not a directory", c.Dir)
		}
	}
	for _, kv := range c.Env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" {
			fault("environment variable %q: must be NAME=value", name)
		}
	}
	faults = append(faults, checkPlace(c.CPUs, c.StartTimeout, c.Grace)...)
	return errors.Join(faults...)
}

func checkPlace(cpus []int, timeout, grace time.Duration) (faults []error) {
	for _, n := range cpus {
		if n < 0 {
			faults = append(faults, fmt.Errorf("CPU %d: must not be negative", n))
		}
	}
	if timeout < 0 {
		faults = append(faults, fmt.Errorf("start timeout %v: must not be negative", timeout))
	}
	if grace < 0 {
		faults = append(faults, fmt.Errorf("grace %v: must not be negative", grace))
	}
	return faults
}

// Start runs the command, and returns when it, or a process that it started, listens on
// its port. It fails if another program does; the error names that. ctx bounds the
// start only. A Start that fails leaves nothing behind. Its error quotes the last lines
// that the command wrote, without the values of environment variables.
func (c Command) Start(ctx context.Context) (*Server, error) {
	l, err := c.prepare()
	if err != nil {
		return nil, err
	}
	return l.start(ctx)
}

// Spawn is Start without the wait: it returns as soon as the first process runs. Whether
// that listens, now or ever, is for the caller to find out.
func (c Command) Spawn(context.Context) (*Server, error) {
	l, err := c.prepare()
	if err != nil {
		return nil, err
	}
	return l.spawned()
}

// prepare returns how to start the command. If it fails, it removes the cgroup.
func (c Command) prepare() (launch, error) {
	if c.Name == "" {
		c.Name = "command"
	}
	if err := c.check(); err != nil {
		return launch{}, errors.Join(fmt.Errorf("%s: %w", c.Name, err), removeCgroup(c.Cgroup))
	}
	port, err := freePort()
	if err != nil {
		return launch{}, errors.Join(fmt.Errorf("%s: %w", c.Name, err), removeCgroup(c.Cgroup))
	}
	number := strconv.Itoa(port)
	url := "http://" + net.JoinHostPort(loopback, number)
	return launch{
		name: c.Name,
		line: strings.ReplaceAll(c.Line, "{port}", number),
		dir:  c.Dir,
		env:  c.Env, unset: c.Unset,
		told: []string{"PORT=" + number, "ANCMBENCH_PORT=" + number,
			"ANCMBENCH_URL=" + url, "ASPNETCORE_URLS=" + url},
		port:    port,
		cgroup:  c.Cgroup,
		cpus:    c.CPUs,
		timeout: c.StartTimeout,
		grace:   c.Grace,
	}, nil
}
