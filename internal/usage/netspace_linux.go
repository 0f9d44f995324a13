package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// netspace is a network namespace with at least one process that we may inspect.
type netspace struct {
	// id is the namespace's inode, and pid one of its processes.
	id  uint64
	pid int
}

// netspaces returns the network namespaces of this machine, our own first. hidden is the
// number of processes whose namespace we may not see: they may live in further ones.
func netspaces() (spaces []netspace, hidden int, err error) {
	own, err := netspaceOf(os.Getpid())
	if err != nil {
		return nil, 0, err
	}
	spaces = []netspace{{own, os.Getpid()}}
	seen := map[uint64]bool{own: true}
	pids, err := processNumbers()
	if err != nil {
		return nil, 0, err
	}
	for _, pid := range pids {
		id, err := netspaceOf(pid)
		switch {
		case errors.Is(err, fs.ErrPermission):
			hidden++
		case err != nil: // it has ended, or is a thread of the kernel
		case !seen[id]:
			seen[id] = true
			spaces = append(spaces, netspace{id, pid})
		}
	}
	return spaces, hidden, nil
}

// netspaceOf returns the inode of a process's network namespace.
func netspaceOf(pid int) (uint64, error) {
	to, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/net")
	if err != nil {
		return 0, processError(pid, err)
	}
	n, ok := decimal([]byte(strings.TrimSuffix(strings.TrimPrefix(to, "net:["), "]")))
	if !ok {
		return 0, fmt.Errorf("process %d: its network namespace has no number", pid)
	}
	return n, nil
}

// addresses returns the IP addresses that belong to a namespace, loopback included.
func (n netspace) addresses() ([]netip.Addr, error) {
	var out []netip.Addr
	dir := "/proc/" + strconv.Itoa(n.pid) + "/net/"
	trie, err := os.ReadFile(dir + "fib_trie")
	if err != nil {
		return nil, bare(err)
	}
	out = parseTrie(trie)
	six, err := os.ReadFile(dir + "if_inet6")
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil // a kernel without IPv6
	}
	if err != nil {
		return nil, bare(err)
	}
	return append(out, parseInet6(six)...), nil
}

// parseTrie reads the local addresses of /proc/net/fib_trie: a line "|-- 192.0.2.1" that is
// followed by "/32 host LOCAL".
func parseTrie(text []byte) []netip.Addr {
	var out []netip.Addr
	var last netip.Addr
	for line := range bytes.Lines(text) {
		f := bytes.Fields(line)
		switch {
		case len(f) == 2 && string(f[0]) == "|--":
			last, _ = netip.ParseAddr(string(f[1]))
		case len(f) == 3 && string(f[0]) == "/32" && string(f[2]) == "LOCAL" && last.IsValid() && !slices.Contains(out, last):
			out = append(out, last)
		}
	}
	return out
}

// parseInet6 reads the addresses of /proc/net/if_inet6: 32 hexadecimal digits begin a line.
func parseInet6(text []byte) []netip.Addr {
	var out []netip.Addr
	for line := range bytes.Lines(text) {
		if len(line) < 32 {
			continue
		}
		var parts []string
		for i := 0; i < 32; i += 4 {
			parts = append(parts, string(line[i:i+4]))
		}
		if ip, err := netip.ParseAddr(strings.Join(parts, ":")); err == nil {
			out = append(out, ip)
		}
	}
	return out
}

// inside runs f in a network namespace and returns its error. What f opens stays in that
// namespace; f must start no goroutine and no process. It fails if we may not enter.
func (n netspace) inside(f func() error) error {
	if own, err := netspaceOf(os.Getpid()); err == nil && own == n.id {
		return f()
	}
	space, err := os.Open("/proc/" + strconv.Itoa(n.pid) + "/ns/net")
	if err != nil {
		return processError(n.pid, err)
	}
	defer space.Close()
	home, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return bare(err)
	}
	defer home.Close()
	failed := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			runtime.UnlockOSThread()
			failed <- os.NewSyscallError("setns", err)
			return
		}
		err := f()
		// A thread that cannot return stays locked and ends with the goroutine. The first
		// thread of a process cannot end, so returning is the rule.
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		failed <- err
	}()
	return <-failed
}
