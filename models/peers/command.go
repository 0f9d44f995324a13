package peers

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ancmbench"
)

// Command is a server of the user's: any program that can listen on a given port, or on a
// given Unix socket.
//
// It gets a free port of 127.0.0.1, or of Listen, in three ways, and may use any of them:
// the variable PORT (what Node frameworks, Procfiles and buildpacks read; also as
// ANCMBENCH_PORT, and whole as ANCMBENCH_URL = http://127.0.0.1:PORT), the variable
// ASPNETCORE_URLS (Kestrel's; ASPNETCORE_PORT is not set, because with it an app that has
// IIS Integration expects the module's token), and {port} anywhere in Line, Args, Env and
// Files. {listen} is the address and the port, 127.0.0.1:PORT, and {listen-host} the
// address alone (also as ANCMBENCH_HOST, and as HOST if other hosts must reach it). If
// {socket} is there instead, it is the path of the socket to listen on (also as
// ANCMBENCH_SOCKET), and the server gets no port.
type Command struct {
	// Name is what errors call it; empty means "command".
	Name string
	// Line is run by sh -c, on Windows by cmd /C. It must stay in the foreground: when
	// its first process ends the server is over.
	Line string
	// Args is a program with its arguments, run without a shell. Exactly one of Line and
	// Args is set.
	Args []string
	// Dir is the working directory; empty means ours.
	Dir string
	// Env is added to our environment, "KEY=value".
	Env []string
	// Unset names variables of our environment that the command does not get.
	Unset []string
	// Environment, if not nil, is the whole environment. Nothing is replaced then, in no
	// word of the command, and it gets none of the variables named above: PortVariable is
	// the name of the one that tells its port.
	Environment  []string
	PortVariable string
	// Port is the port to listen on; zero means a free one.
	Port int
	// Listen is the IP address to listen on; empty means 127.0.0.1. Any other one must be
	// reached from other hosts: a server that listens on 127.0.0.1 then does not start.
	Listen string
	// Files are written into a private folder, which is {dir} in Line, Args, Env and the
	// files themselves.
	Files []ancmbench.ServerFile
	// Upstream is the address of what the server stands before, as Server.Upstream
	// returns it: {upstream}, and ANCMBENCH_UPSTREAM. {upstream-socket} is the path alone.
	Upstream string
	// Ready says what is waited for beside listening. Its Within is the time limit.
	Ready ancmbench.Ready
	// Signal is the name of the one by which Stop asks; empty means SIGTERM.
	Signal string
	// Log is a file to which all that the server writes is appended; empty means none.
	Log string
	// Cgroup is the cgroup v2 directory into which the command is born; empty
	// means ours. It is removed in the end, and then those above it that are
	// empty and whose name begins with "ancmbench".
	Cgroup string
	// CPUs is the set that it is pinned to from birth; empty means none. Linux only.
	CPUs []int
	// StartTimeout is how long it may take to listen, unless Ready says; zero means 60 s.
	StartTimeout time.Duration
	// Grace is how long Stop waits after the signal before it uses force; zero means 10 s.
	Grace time.Duration
}

// texts returns all in which words in braces are replaced.
func (c Command) texts() []string {
	out := slices.Concat([]string{c.Line}, c.Args, c.Env)
	for _, f := range c.Files {
		out = append(out, f.Text)
	}
	return out
}

// names reports whether a word in braces is used.
func (c Command) names(word string) bool {
	return c.Environment == nil && slices.ContainsFunc(c.texts(), func(text string) bool { return strings.Contains(text, "{"+word+"}") })
}

// namesPort reports whether a word in braces tells the port.
func (c Command) namesPort() bool { return c.names("port") || c.names("listen") }

// check returns every fault of the options, joined.
func (c Command) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.Line) == "" && len(c.Args) == 0 {
		fault("no command line")
	}
	if c.Line != "" && len(c.Args) > 0 {
		fault("a line for the shell, and arguments without one: only one of them")
	}
	if c.namesPort() && c.names("socket") {
		fault("{port} and {socket}: it can only listen on one of them")
	}
	if _, err := netip.ParseAddr(c.Listen); c.Listen != "" && err != nil {
		fault("address %q to listen on: must be an IP address", c.Listen)
	}
	if c.names("socket") && c.Listen != "" && !onLoopback(c.Listen) {
		fault("it listens on the Unix socket {socket}, which load agents on other hosts do not reach: let it listen on {listen}, or send the load from the host that serves it")
	}
	if c.Upstream == "" && (c.names("upstream") || c.names("upstream-socket")) {
		fault("{upstream}: it stands before nothing")
	}
	if c.names("upstream-socket") && c.Upstream != "" && !strings.HasPrefix(c.Upstream, unixPrefix) {
		fault("{upstream-socket}: what it stands before listens on a port; write {upstream}")
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
	for _, f := range c.Files {
		if !filepath.IsLocal(f.Name) {
			fault("file %q: its name must be a path below the folder", f.Name)
		}
	}
	if c.Port < 0 || c.Port > 65535 {
		fault("port %d: must be from 0 to 65535", c.Port)
	}
	if c.Signal != "" && !slices.Contains(ancmbench.StopSignals, c.Signal) {
		fault("unknown signal %q", c.Signal)
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
// its port and is ready. It fails if another program listens there; the error names that.
// ctx bounds the start only. A Start that fails leaves nothing behind. Its error quotes the
// last lines that the command wrote, without the values of environment variables.
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
func (c Command) prepare() (l launch, err error) {
	if c.Name == "" {
		c.Name = "command"
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", c.Name, err), removeCgroup(c.Cgroup), l.clean())
		}
	}()
	if err := c.check(); err != nil {
		return l, err
	}
	l = launch{name: c.Name, host: c.Listen, dir: c.Dir, unset: c.Unset, ready: c.Ready, signal: c.Signal, log: c.Log,
		cgroup: c.Cgroup, cpus: c.CPUs, timeout: c.StartTimeout, grace: c.Grace}
	if within := c.Ready.Within.D(); within > 0 {
		l.timeout = within
	}
	if c.Files != nil || c.names("dir") || c.names("socket") {
		if l.private, err = privateFolder("ancmbench-" + shortName(c.Name) + "-"); err != nil {
			return l, err
		}
	}
	if l.told, err = c.listening(&l); err != nil {
		return l, err
	}
	if c.Upstream != "" {
		l.told = append(l.told, "ANCMBENCH_UPSTREAM="+c.Upstream)
	}
	if c.Environment != nil {
		l.whole, l.env, l.told, l.hidden = true, c.Environment, []string{c.PortVariable + "=" + strconv.Itoa(l.port)}, false
		l.line, l.argv = c.Line, slices.Clone(c.Args)
		if len(l.argv) > 0 {
			l.argv[0], err = program(l.argv[0], l.dir)
		}
		return l, err
	}
	fill := strings.NewReplacer("{port}", strconv.Itoa(l.port), "{listen}", l.address(), "{listen-host}", l.listen(), "{socket}", l.socket, "{dir}", l.private,
		"{upstream-socket}", strings.TrimPrefix(c.Upstream, unixPrefix), "{upstream}", c.Upstream).Replace
	l.line = fill(c.Line)
	for _, a := range c.Args {
		l.argv = append(l.argv, fill(a))
	}
	for _, kv := range c.Env {
		name, value, _ := strings.Cut(kv, "=")
		l.env = append(l.env, name+"="+fill(value))
	}
	if len(l.argv) > 0 {
		if l.argv[0], err = program(l.argv[0], l.dir); err != nil {
			return l, err
		}
	}
	return l, c.writeFiles(l.private, fill)
}

// listening chooses where the server listens, and returns the variables that say so.
func (c Command) listening(l *launch) (told []string, err error) {
	if c.names("socket") {
		l.socket = filepath.Join(l.private, "listen.sock")
		if len(l.socket) > longestSocket {
			return nil, fmt.Errorf("{socket}: the path %s is longer than the system takes (%d bytes); set TMPDIR to a shorter folder", l.socket, longestSocket)
		}
		return []string{"ANCMBENCH_SOCKET=" + l.socket}, nil
	}
	if l.port = c.Port; l.port == 0 {
		if l.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	l.hidden = !c.namesPort()
	number := strconv.Itoa(l.port)
	url := "http://" + l.address()
	told = []string{"PORT=" + number, "ANCMBENCH_PORT=" + number, "ANCMBENCH_HOST=" + l.listen(), "ANCMBENCH_URL=" + url, "ASPNETCORE_URLS=" + url}
	if !onLoopback(l.listen()) {
		told = append(told, "HOST="+l.listen())
	}
	return told, nil
}

// writeFiles writes the command's files into its private folder.
func (c Command) writeFiles(dir string, fill func(string) string) error {
	for _, f := range c.Files {
		path := filepath.Join(dir, f.Name)
		// What a server started by root runs as another user must get through.
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(fill(f.Text)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// program returns the path of a program that is run without a shell. A name without a
// slash is looked for on PATH, and where systems keep servers, because the PATH of a user
// without privileges often lacks those.
func program(name, dir string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		if dir != "" && !filepath.IsAbs(name) {
			return filepath.Abs(filepath.Join(dir, name))
		}
		return name, nil
	}
	path, err := Find(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// Find returns the path of a program of this machine: on PATH, or where systems keep
// servers. It fails if it is not installed.
func Find(name string) (string, error) {
	for _, at := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name, "/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed, or not on PATH", name)
}

// privateFolder makes a folder through which other users get to what they may read.
func privateFolder(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// shortName returns what a folder may be called after a server.
func shortName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, name)
	return clean[:min(len(clean), 16)]
}
