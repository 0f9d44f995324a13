package peers

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"ancmbench"
)

// launch is one server about to be started.
type launch struct {
	name string
	// line is for the shell; if it is empty, argv is run as it stands.
	line string
	argv []string
	dir  string
	// env is the user's, and its values are hidden; told is ours, and wins.
	env, told []string
	unset     []string
	// whole means that env is the whole environment but for told.
	whole bool
	// host is the address at which it listens on port; empty means 127.0.0.1. If socket is
	// not empty, it listens on that instead.
	host   string
	port   int
	socket string
	// hidden means that the command line does not have the port, only the variables.
	hidden  bool
	ready   ancmbench.Ready
	signal  string // that asks it to end; empty means SIGTERM
	log     string // a file that keeps its output; empty means none
	cgroup  string
	cpus    []int
	timeout time.Duration
	grace   time.Duration
	// private is a folder of the server's that goes with it; empty means none.
	private string
}

// markName is the variable by which a server's processes are known wherever
// they have moved since their birth.
const markName = "ANCMBENCH_SERVER"

// start starts the server, and returns when it listens.
func (l launch) start(ctx context.Context) (*Server, error) {
	s, err := l.spawned()
	if err != nil {
		return nil, err
	}
	if err := s.await(ctx); err != nil {
		s.force()
		<-s.done
		if errors.Is(err, errExited) {
			err = fmt.Errorf("ended (%s) before it listened on %s%s", s.exitStatus(), s.Address(), s.behind)
		}
		return nil, fmt.Errorf("%s: %w%s", l.name, errors.Join(err, s.remains), s.quoteTail())
	}
	return s, nil
}

// spawned starts the server, and returns when its first process runs.
func (l launch) spawned() (*Server, error) {
	if l.timeout == 0 {
		l.timeout = time.Minute
	}
	if l.grace == 0 {
		l.grace = 10 * time.Second
	}
	s := &Server{
		launch: l,
		tail:   newLogTail(slices.Concat(os.Environ(), l.env), l.ready.Log),
		exited: make(chan struct{}),
		forced: make(chan struct{}),
		done:   make(chan struct{}),
	}
	if err := s.spawn(); err != nil {
		return nil, fmt.Errorf("%s: %w", l.name, errors.Join(err, s.clean()))
	}
	go s.end()
	return s, nil
}

// spawn starts the first process; its output goes to the tail.
func (s *Server) spawn() error {
	kept, err := keptLog(s.log)
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	defer w.Close()
	mark := markName + "=" + strings.ToLower(rand.Text())
	cmd := s.command()
	cmd.Dir = s.dir
	cmd.Env = slices.Concat(s.inherited(), s.env, s.told, []string{mark})
	cmd.Stdout, cmd.Stderr = w, w
	s.cmd = cmd
	if s.tree, err = plant(cmd, s.launch, mark); err != nil {
		return errors.Join(err, r.Close(), kept.Close())
	}
	go s.tail.fill(r, kept)
	return nil
}

// keptLog opens the file that keeps a server's output. Only its owner may read it, because
// servers write secrets. Without a path it returns a place where nothing is kept.
func keptLog(path string) (io.WriteCloser, error) {
	if path == "" {
		return nowhere{}, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return f, nil
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Close() error                { return nil }

// inherited returns our environment without the variables that are to be unset.
func (l launch) inherited() []string {
	if l.whole {
		return nil
	}
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(l.unset, name)
	})
}

func (l launch) command() *exec.Cmd {
	if l.line != "" {
		return shell(l.line)
	}
	return &exec.Cmd{Path: l.argv[0], Args: l.argv}
}

// unixPrefix begins the address of a Unix socket for those that stand before it, as nginx
// writes it.
const unixPrefix = "unix:"

// longestSocket is the longest path of a Unix socket, in bytes: macOS has the shortest.
const longestSocket = 103

// listen returns the IP address at which the server listens.
func (l launch) listen() string { return cmp.Or(l.host, loopback) }

// address returns where the server listens: its host and port, or the path of its socket.
func (l launch) address() string {
	if l.socket != "" {
		return l.socket
	}
	return net.JoinHostPort(l.listen(), strconv.Itoa(l.port))
}

func (l launch) network() string {
	if l.socket != "" {
		return "unix"
	}
	return "tcp"
}

// clean removes the server's folder.
func (l launch) clean() error {
	if l.private == "" {
		return nil
	}
	return os.RemoveAll(l.private)
}
