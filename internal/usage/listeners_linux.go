package usage

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"ancmbench"
)

// FindServer returns the processes that serve an address, with the role server: those that
// listen there, and their descendants, such as a master's workers. network is "tcp", with an
// address like "127.0.0.1:8080", "[::1]:8080" or "localhost:8080", or "unix", with a path or
// an abstract name like "@app". It looks into every network namespace that it may enter. It
// fails with ErrElsewhere if the address is not of this machine, with ErrNoListener if no
// process listens there, and with errors.ErrUnsupported if we may not inspect who does.
func FindServer(network, address string) (Role, error) {
	l, err := findListeners(network, address)
	if err != nil {
		return Role{}, err
	}
	w, f, err := l.processes()
	if err != nil {
		return Role{}, fmt.Errorf("%s: %w", address, err)
	}
	return w.role(ancmbench.RoleServer, f), nil
}

// listening is what listens at an address.
type listening struct {
	inodes []uint64
	why    string
}

// processes returns the processes that have one of the sockets open, and their family. It
// fails with errors.ErrUnsupported if some of them cannot be found.
func (l listening) processes() (whys, family, error) {
	pids, err := processNumbers()
	if err != nil {
		return nil, nil, err
	}
	held, denied, err := openSockets(pids)
	if err != nil {
		return nil, nil, err
	}
	f, err := processes()
	if err != nil {
		return nil, nil, err
	}
	w, err := l.among(held, denied, f)
	return w, f, err
}

// among is processes for sockets that are known already.
func (l listening) among(held sockets, denied []int, f family) (whys, error) {
	holders := held.holders(l.inodes)
	if len(holders) == 0 {
		if len(denied) > 0 {
			return nil, unsupported("the server's processes belong to another user")
		}
		return nil, unsupported("no process that can be seen here holds the server's socket")
	}
	w := whys{}
	for _, master := range withMasters(holders, denied, f, processName) {
		w[master] = "parent of processes that have its name, one of which " + l.why
	}
	maps.Copy(w, f.servers(holders, l.why))
	if !slices.Equal(holders, []int{1}) {
		w.children(f)
	}
	if pid, hidden := f.unseenParent(w.pids()); hidden {
		return nil, unsupported("the parent of process %d cannot be seen, so not all of the server's processes are known", pid)
	}
	return w, nil
}

// findListeners returns the listening sockets at an address.
func findListeners(network, address string) (listening, error) {
	switch network {
	case "tcp":
		return findTCP(address)
	case "unix":
		return findUnix(address)
	}
	return listening{}, fmt.Errorf("network %q: want tcp or unix", network)
}

func findTCP(address string) (listening, error) {
	want, err := parseListen(address)
	if err != nil {
		return listening{}, err
	}
	spaces, _, err := netspaces()
	if err != nil {
		return listening{}, fmt.Errorf("listeners: %w", err)
	}
	here := false
	for _, space := range spaces {
		if !space.has(want.Addr()) {
			continue
		}
		here = true
		inodes, err := space.listeners(want)
		if err != nil {
			return listening{}, fmt.Errorf("listeners: %w", err)
		}
		if len(inodes) > 0 {
			return listening{inodes, "listens on " + shownAddress(want)}, nil
		}
		if !want.Addr().IsValid() || want.Addr().IsLoopback() {
			break // loopback is our own namespace, the first
		}
	}
	if !here {
		return listening{}, fmt.Errorf("%s: %w", address, ErrElsewhere)
	}
	return listening{}, fmt.Errorf("%s: %w", address, ErrNoListener)
}

// shownAddress returns an address as a results file may have it: other than on loopback, the
// port alone.
func shownAddress(a netip.AddrPort) string {
	switch {
	case !a.Addr().IsValid():
		return fmt.Sprintf("localhost:%d", a.Port())
	case a.Addr().IsLoopback():
		return a.String()
	}
	return fmt.Sprintf("port %d", a.Port())
}

// has reports whether an address belongs to the namespace. Loopback, and a zero address for
// localhost, belong to each.
func (n netspace) has(ip netip.Addr) bool {
	if !ip.IsValid() || ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	own, err := n.addresses()
	return err == nil && slices.Contains(own, ip.Unmap().WithZone(""))
}

// listening returns the listening TCP sockets of a namespace. The kernel's text of them can
// leave some out while others come and go, so it is read only where there is no list.
func (n netspace) listening() ([]socket, error) {
	d, err := openDiag(n)
	if err != nil {
		return listeningSockets(n.pid)
	}
	defer d.close()
	return d.listening()
}

// listeners returns the inodes of the sockets of a namespace that accept a connection to an
// address.
func (n netspace) listeners(want netip.AddrPort) ([]uint64, error) {
	sockets, err := n.listening()
	if err != nil {
		return nil, err
	}
	var inodes []uint64
	for _, s := range serving(sockets, want) {
		inodes = append(inodes, s.id)
	}
	return inodes, nil
}

// findUnix returns the sockets that listen at a path or an abstract name.
func findUnix(path string) (listening, error) {
	abstract := strings.HasPrefix(path, "@")
	var file unix.Stat_t
	if !abstract {
		if err := unix.Stat(path, &file); err != nil {
			return listening{}, fmt.Errorf("unix socket: %w: %w", ErrNoListener, err)
		}
	}
	spaces, _, err := netspaces()
	if err != nil {
		return listening{}, fmt.Errorf("listeners: %w", err)
	}
	l := listening{why: "listens on the Unix socket"}
	for _, space := range spaces {
		d, err := openDiag(space)
		if err != nil {
			return listening{}, fmt.Errorf("listeners: %w", err)
		}
		all, err := d.unix()
		d.close()
		if err != nil {
			return listening{}, fmt.Errorf("listeners: %w", err)
		}
		for _, s := range all {
			if s.state == stateListen && (abstract && s.name == "\x00"+path[1:] || !abstract && s.boundTo(path, file)) {
				l.inodes = append(l.inodes, s.inode)
			}
		}
	}
	if len(l.inodes) == 0 {
		return listening{}, fmt.Errorf("unix socket: %w", ErrNoListener)
	}
	return l, nil
}

// boundTo reports whether a socket is bound to a file. Some file systems have another device
// number for users than within the kernel, so the name may stand for it.
func (s unixSocket) boundTo(path string, file unix.Stat_t) bool {
	device := unix.Major(file.Dev)<<20 | unix.Minor(file.Dev)
	return s.file != 0 && s.file == uint32(file.Ino) &&
		(s.device == device || filepath.Base(strings.TrimRight(s.name, "\x00")) == filepath.Base(path))
}

// listeningSockets returns the listening sockets of the network namespace of a process.
func listeningSockets(pid int) ([]socket, error) {
	var out []socket
	for _, name := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/net/" + name)
		if errors.Is(err, fs.ErrNotExist) && name == "tcp6" {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, bare(err)
		}
		s, err := parseSockets(text)
		if err != nil {
			return nil, fmt.Errorf("net/%s: %w", name, err)
		}
		out = append(out, s...)
	}
	return out, nil
}

// parseSockets reads the listening sockets of /proc/net/tcp or tcp6: a heading,
// then "sl local remote state queues timer retransmits uid timeout inode ...".
func parseSockets(text []byte) ([]socket, error) {
	const listen = "0A"
	var out []socket
	first := true
	for line := range bytes.Lines(text) {
		if first {
			first = false
			continue
		}
		f := bytes.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 10 {
			return nil, errors.New("a line is too short")
		}
		if string(f[3]) != listen {
			continue
		}
		local, err := parseHexAddr(string(f[1]))
		if err != nil {
			return nil, err
		}
		inode, ok := decimal(f[9])
		if !ok {
			return nil, errors.New("an inode is not a number")
		}
		out = append(out, socket{local: local, id: inode})
	}
	return out, nil
}

// parseHexAddr parses "0100007F:1F90": the address as 32-bit words in the machine's byte
// order, and the port as a number.
func parseHexAddr(s string) (netip.AddrPort, error) {
	host, port, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	if !ok || err != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", s)
	}
	n, err := strconv.ParseUint(port, 16, 64)
	if err != nil || n > math.MaxUint16 {
		return netip.AddrPort{}, fmt.Errorf("%q has no port", s)
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip, uint16(n)), nil
}
