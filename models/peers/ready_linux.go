package peers

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ancmbench/models/internal/proctree"
)

// listens reports whether a process of the server listens on the port. It fails if
// another program does.
func (s *Server) listens() (bool, error) {
	all, err := proctree.Listeners()
	if err != nil || !slices.ContainsFunc(all, s.onPort) {
		return false, errors.Join(err, s.unreachable(all)) // most looks end here, and cost one short table
	}
	pids, err := s.tree.pids()
	if err != nil {
		return false, err
	}
	owned, err := proctree.Owned(pids)
	if err != nil {
		return false, err
	}
	if at := slices.IndexFunc(owned, s.onPort); at >= 0 {
		if a := owned[at].Address.Addr(); a.IsUnspecified() && a.Is6() { // [::] may or may not take IPv4 as well
			return true, s.connects(a.String())
		}
		return true, nil
	}
	return false, s.stranger()
}

// onPort reports whether a listener takes what is sent to the server's address.
func (s *Server) onPort(l proctree.Listener) bool {
	a, at := l.Address.Addr(), netip.MustParseAddr(s.listen())
	return int(l.Address.Port()) == s.port && (a.IsUnspecified() || a == at)
}

// unreachedMost is how many looks, over half a second, may find a server on loopback alone
// where other hosts must reach it: it may open further sockets.
const unreachedMost = 25

// unreachable fails when a process of the server has been listening on its port on
// loopback, where other hosts must reach it.
func (s *Server) unreachable(all []proctree.Listener) error {
	private := func(l proctree.Listener) bool {
		return int(l.Address.Port()) == s.port && l.Address.Addr().IsLoopback()
	}
	if onLoopback(s.listen()) || !slices.ContainsFunc(all, private) {
		return nil
	}
	pids, err := s.tree.pids()
	if err != nil {
		return err
	}
	owned, err := proctree.Owned(pids)
	at := slices.IndexFunc(owned, private)
	if err != nil || at < 0 {
		return err
	}
	if s.unreached++; s.unreached < unreachedMost {
		return nil
	}
	return fmt.Errorf("%w on %s: it listens on %s, which load agents on other hosts do not reach; let it listen on {listen} (host and port; {listen-host} or the variable HOST is the host alone) or on all addresses, or send the load from the host that serves it",
		ErrNotListening, s.Address(), owned[at].Address)
}

func (s *Server) connects(bound string) error {
	c, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		return fmt.Errorf("listens on [%s]:%d, where %s does not reach it", bound, s.port, s.Address())
	}
	return c.Close()
}

// stranger returns an error that names the process on the port, if it is none of the
// server's. It is nil if there is none: a process of the server started or ended
// between two looks.
func (s *Server) stranger() error {
	names, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	for _, n := range names {
		pid, err := strconv.Atoi(n.Name())
		if err != nil {
			continue
		}
		owned, err := proctree.Owned([]int{pid})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(owned, s.onPort) {
			continue
		}
		if ours, err := s.tree.pids(); err != nil || slices.Contains(ours, pid) {
			return err
		}
		return fmt.Errorf("another program listens on its port %s: %s", s.Address(), processNames([]int{pid}))
	}
	all, err := proctree.Listeners()
	if err != nil || !slices.ContainsFunc(all, s.onPort) {
		return err
	}
	// A socket between listen and the first look into its owner's table is there
	// at the next look; one that stays without an owner is another user's.
	if s.ownerless++; s.ownerless < 5 {
		return nil
	}
	return fmt.Errorf("another program listens on its port %s: one that may not be looked into", s.Address())
}

// elsewhere returns where the server listens instead, as the end of a sentence.
func (s *Server) elsewhere() string {
	pids, err := s.tree.pids()
	if err != nil {
		return ""
	}
	owned, err := proctree.Owned(pids)
	if err != nil || len(owned) == 0 {
		return "; it listens on no TCP port"
	}
	var where []string
	for _, l := range owned {
		where = append(where, l.Address.String())
	}
	told := "the variable PORT and by {port} in the command line"
	if s.whole { // as a module tells a program of web.config
		name, _, _ := strings.Cut(s.told[0], "=")
		told = "the variable " + name + " alone, which code that chooses an address itself does not read, nor ASP.NET Core without IIS Integration, as of the slim builder"
	}
	return "; it listens on " + strings.Join(where, ", ") + " (it is told its port by " + told + ")"
}

// processNames returns the processes in the form "python3 (process 4711)".
func processNames(pids []int) string {
	var names []string
	for _, pid := range pids {
		comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		if errors.Is(err, os.ErrNotExist) {
			comm = []byte("one that has just ended")
		}
		names = append(names, fmt.Sprintf("%s (process %d)", strings.TrimSpace(string(comm)), pid))
	}
	return strings.Join(names, ", ")
}
