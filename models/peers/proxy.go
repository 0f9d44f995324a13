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
)

// The kinds of Proxy.
const (
	Nginx   = "nginx"
	HAProxy = "haproxy"
)

// packages name what the distribution calls them.
var packages = map[string]string{Nginx: "nginx-light", HAProxy: "haproxy"}

// kinds lists the kinds in the order in which they are shown.
func kinds() []string { return []string{Nginx, HAProxy} }

// Proxies lists the kinds that are installed here.
func Proxies() []string {
	return slices.DeleteFunc(kinds(), func(kind string) bool { return Available(kind) != nil })
}

// Available fails if a kind of proxy cannot be started on this machine, and says why.
func Available(kind string) error {
	_, err := find(kind)
	return err
}

// find looks for the program on PATH and where systems keep servers, because
// the PATH of a user without privileges often lacks them.
func find(kind string) (string, error) {
	if !slices.Contains(kinds(), kind) {
		return "", fmt.Errorf("unknown proxy %q: the proxies are %s", kind, strings.Join(kinds(), ", "))
	}
	if path, err := Find(kind); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s is not installed (Debian: %s)", kind, packages[kind])
}

// Version returns the name and version of the installed proxy, such as "nginx/1.22.1".
// It fails if the proxy cannot be run.
func Version(ctx context.Context, kind string) (string, error) {
	path, err := find(kind)
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, path, "-v").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -v: %w", kind, err)
	}
	return version(kind, string(out))
}

// version returns the name and version in what a proxy prints about itself. It fails if
// that comes from another program, or is cut off.
func version(kind, printed string) (string, error) {
	line, _, _ := strings.Cut(strings.TrimSpace(printed), "\n")
	v := ""
	switch kind {
	case Nginx: // "nginx version: nginx/1.18.0 (Ubuntu)"
		_, v, _ = strings.Cut(line, "nginx version: ")
	case HAProxy: // "HAProxy version 2.6.12-1 2023/12/16 - ..."
		if w := strings.Fields(line); len(w) > 2 && w[0] == "HAProxy" && w[1] == "version" {
			v = "haproxy/" + w[2]
		}
	}
	if number, ok := strings.CutPrefix(v, kind+"/"); !ok || number == "" || number[0] < '0' || number[0] > '9' {
		return "", fmt.Errorf("%s -v: no version in %q", kind, printed)
	}
	return v, nil
}

// Proxy is a real proxy in front of a backend, configured to be compared with the
// out-of-process models: HTTP/1.1 on both sides, one worker (nginx) or thread
// (HAProxy), backend connections kept and shared by all clients, no access log, no
// disk. It is started without a shell, which would count in its costs.
type Proxy struct {
	// Kind is Nginx or HAProxy.
	Kind string
	// Listen is the IP address that it listens on; empty means 127.0.0.1.
	Listen string
	// Backend is where it forwards to, an IP address and port.
	Backend string
	// Connections is how many clients connect at most, and how many idle backend
	// connections are kept; zero means 1024.
	Connections int
	// Forwarded adds X-Forwarded-For and X-Forwarded-Proto, as the module does.
	// Without it the proxy does the least that a proxy can.
	Forwarded bool
	// Name is what errors call it; empty means Kind.
	Name string
	// Cgroup, CPUs, StartTimeout and Grace are as in Command.
	Cgroup       string
	CPUs         []int
	StartTimeout time.Duration
	Grace        time.Duration
}

func (p Proxy) check() error {
	var faults []error
	if _, err := netip.ParseAddrPort(p.Backend); err != nil {
		faults = append(faults, fmt.Errorf("backend %q: must be an IP address and port", p.Backend))
	}
	if _, err := netip.ParseAddr(p.Listen); p.Listen != "" && err != nil {
		faults = append(faults, fmt.Errorf("address %q to listen on: must be an IP address", p.Listen))
	}
	if p.Connections < 0 || p.Connections > 100_000 {
		faults = append(faults, fmt.Errorf("%d connections: must be from 0 to 100000", p.Connections))
	}
	return errors.Join(append(faults, checkPlace(p.CPUs, p.StartTimeout, p.Grace)...)...)
}

// Start runs the proxy on a free port of its address, as Command.Start does. The
// backend need not be there yet.
func (p Proxy) Start(ctx context.Context) (*Server, error) {
	if p.Name == "" {
		p.Name = p.Kind
	}
	if p.Connections == 0 {
		p.Connections = 1024
	}
	l, err := p.prepare(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, errors.Join(err, removeCgroup(p.Cgroup)))
	}
	return l.start(ctx)
}

// prepare writes the configuration into a folder of the proxy's own.
func (p Proxy) prepare(ctx context.Context) (_ launch, err error) {
	path, err := find(p.Kind)
	if err = errors.Join(err, p.check()); err != nil {
		return launch{}, err
	}
	port, err := freePort()
	if err != nil {
		return launch{}, err
	}
	dir, err := privateFolder("ancmbench-" + p.Kind + "-")
	if err != nil {
		return launch{}, err
	}
	l := launch{name: p.Name, host: p.Listen, port: port, cgroup: p.Cgroup, cpus: p.CPUs,
		timeout: p.StartTimeout, grace: p.Grace, private: dir, dir: dir}
	file := filepath.Join(dir, p.Kind+".conf")
	var text string
	switch p.Kind {
	case Nginx:
		text = p.nginxConfig(l.address())
		l.argv = []string{path, "-p", dir, "-c", file}
		if nginxLogsToStderr(ctx) {
			l.argv = append(l.argv, "-e", "stderr")
		}
	case HAProxy:
		text = p.haproxyConfig(l.address())
		l.argv = []string{path, "-db", "-f", file} // -db: in the foreground, whatever the file says
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return launch{}, errors.Join(err, os.RemoveAll(dir))
	}
	return l, nil
}

// nginxLogsToStderr reports whether nginx knows -e (1.19.5). Without that flag it opens
// the log that it was built with before it reads its configuration.
func nginxLogsToStderr(ctx context.Context) bool {
	v, err := Version(ctx, Nginx)
	if err != nil {
		return false
	}
	_, number, _ := strings.Cut(v, "/")
	var have [3]int
	for i, w := range strings.SplitN(number, ".", 3) {
		w, _, _ = strings.Cut(w, " ") // "1.18.0 (Ubuntu)"
		if have[i], err = strconv.Atoi(w); err != nil {
			return false
		}
	}
	return slices.Compare(have[:], []int{1, 19, 5}) >= 0
}
