package peers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
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
	port      int
	cgroup    string
	cpus      []int
	timeout   time.Duration
	grace     time.Duration
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
	if err := s.ready(ctx); err != nil {
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
		tail:   newLogTail(slices.Concat(os.Environ(), l.env)),
		exited: make(chan struct{}),
		forced: make(chan struct{}),
		done:   make(chan struct{}),
	}
	if err := s.spawn(); err != nil {
		return nil, fmt.Errorf("%s: %w", l.name, errors.Join(err, s.clean()))
	}
	go s.await()
	return s, nil
}

// spawn starts the first process; its output goes to the tail.
func (s *Server) spawn() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer w.Close()
	mark := markName + "=" + strings.ToLower(rand.Text())
	cmd := s.command()
	cmd.Dir = s.dir
	cmd.Env = slices.Concat(s.inherited(), s.env, s.told, []string{mark})
	cmd.Stdout, cmd.Stderr = w, w
	s.cmd = cmd
	if s.tree, err = plant(cmd, s.launch, mark); err != nil {
		return errors.Join(err, r.Close())
	}
	go s.tail.fill(r)
	return nil
}

// inherited returns our environment without the variables that are to be unset.
func (l launch) inherited() []string {
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

func (l launch) address() string { return net.JoinHostPort(loopback, strconv.Itoa(l.port)) }
