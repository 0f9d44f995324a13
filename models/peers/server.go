package peers

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// forceful is how long killing may take before it is an error.
const forceful = 10 * time.Second

// Server is a server that runs, and every process that it has started. Its
// methods are safe for concurrent use.
type Server struct {
	launch
	cmd  *exec.Cmd
	tree *tree
	tail *logTail

	exited chan struct{} // the first process ended, and exit says how
	exit   error
	behind string        // what the first process left running when it ended unasked
	forced chan struct{} // no more patience

	done chan struct{}

	// ownerless counts the looks at a port whose owner could not be seen, and unreached
	// those that found the server on loopback where other hosts must reach it; only for
	// ready.
	ownerless, unreached int

	mu       sync.Mutex
	stopping bool
	forcing  bool
	err      error // why it is over, set before done is closed
	remains  error // the part of err that tells what could not be removed
}

// Address returns the server's address: its host and port, or the path of its socket.
func (s *Server) Address() string { return s.address() }

// Network returns the kind of Address: "tcp" or "unix".
func (s *Server) Network() string { return s.network() }

// Upstream returns the server's address for a Command that stands before it.
func (s *Server) Upstream() string {
	if s.socket != "" {
		return unixPrefix + s.socket
	}
	return s.address()
}

// PIDs returns the ids of the living processes of the whole tree, in ascending order.
// For a Command that includes the shell that runs the line, unless the shell has
// replaced itself by the program, as shells do for a line with one simple command.
func (s *Server) PIDs() ([]int, error) {
	select {
	case <-s.done:
		return nil, fmt.Errorf("%s: is over", s.name)
	default:
	}
	pids, err := s.tree.pids()
	if err != nil {
		return nil, fmt.Errorf("%s: processes: %w", s.name, err)
	}
	return pids, nil
}

// Done returns a channel that is closed when the server is over, asked or not, and
// nothing is left of it.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err returns, once Done is closed, why the server is over: nil if Stop ended it.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// LogTail returns the last lines that its processes wrote to stdout and stderr,
// without the values of environment variables.
func (s *Server) LogTail() string { return s.tail.text() }

// Stop ends the server: Command.Signal to all its processes, and SIGKILL to what is left when
// Command.Grace or ctx ends. When it returns, nothing is left of the server. It fails
// if something could not be removed, or the server had ended unasked before. Further
// calls wait for the first.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	first := !s.stopping
	s.stopping = true
	s.mu.Unlock()
	if first {
		s.terminate()
	}
	grace := time.NewTimer(s.grace)
	defer grace.Stop()
	select {
	case <-s.done:
		return s.err
	case <-grace.C:
	case <-ctx.Done():
	}
	s.force()
	<-s.done
	return s.err
}

// Kill ends the server as a crash would, and returns when nothing is left of it. It fails
// if something could not be removed, or the server had ended unasked before.
func (s *Server) Kill() error {
	s.force()
	<-s.done
	return s.err
}

// terminate asks the server to end, or ends it if that is how.
func (s *Server) terminate() {
	if s.signal == "SIGKILL" {
		go s.force() // which waits
		return
	}
	s.tree.terminate(s.signal)
}

// force kills every process of the server, and ends the wait in end.
func (s *Server) force() {
	s.mu.Lock()
	first := !s.forcing
	s.forcing = true
	s.mu.Unlock()
	if !first {
		return
	}
	close(s.forced)
	_ = s.tree.kill(forceful) // end does it again, and reports
}

// end waits for the end of the first process, and removes what is left of it.
func (s *Server) end() {
	s.exit = s.cmd.Wait()
	s.tree.reap()
	s.mu.Lock()
	asked := s.stopping || s.forcing
	s.mu.Unlock()
	if asked {
		s.tree.linger(s.forced) // the others may finish what they do, too
	} else if left, err := s.tree.pids(); err == nil && len(left) > 0 {
		s.behind = fmt.Sprintf(" and left %s running; it must stay in the foreground", processNames(left))
	}
	close(s.exited)
	cleaned := errors.Join(s.tree.kill(forceful), s.clean())
	s.tree.close(cleaned == nil)
	s.tail.wait(time.Second)

	s.mu.Lock()
	asked = s.stopping || s.forcing
	if !asked {
		s.err = fmt.Errorf("%s: ended unasked (%s)%s%s", s.name, s.exitStatus(), s.behind, s.quoteTail())
	}
	if cleaned != nil {
		s.remains = fmt.Errorf("left behind: %w", cleaned)
		s.err = errors.Join(s.err, fmt.Errorf("%s: %w", s.name, s.remains))
	}
	s.mu.Unlock()
	close(s.done)
}

// clean removes the server's folder and cgroup.
func (s *Server) clean() error {
	return errors.Join(s.launch.clean(), removeCgroup(s.cgroup))
}

// exitStatus returns how the first process ended, such as "exit status 3" or "signal:
// killed". Call it only after exited is closed.
func (s *Server) exitStatus() string {
	if s.exit == nil {
		return "exit status 0"
	}
	return s.exit.Error()
}

func (s *Server) quoteTail() string {
	if t := s.LogTail(); t != "" {
		return "; its last words:\n" + t
	}
	return "; it wrote nothing"
}
