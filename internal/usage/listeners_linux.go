package usage

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ListenerPIDs returns the processes that listen at a local TCP address, and their
// descendants, such as a master's workers. addr is "127.0.0.1:8080", "[::1]:8080" or
// "localhost:8080". It fails with ErrNoListener if there is none, and with another error
// if we may not inspect the processes. For a server in a container with its own network it
// returns the process that forwards to it.
func ListenerPIDs(addr string) ([]int, error) {
	want, err := parseListen(addr)
	if err != nil {
		return nil, err
	}
	sockets, err := listeningSockets()
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", err)
	}
	found := serving(sockets, want)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: %w", addr, ErrNoListener)
	}
	holders, denied, err := socketHolders(found)
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", err)
	}
	if len(holders) == 0 {
		if len(denied) > 0 {
			return nil, unsupported("%s: the server's processes belong to another user", addr)
		}
		return nil, unsupported("%s: no process here holds the socket", addr)
	}
	f, err := processes()
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", err)
	}
	return f.servers(withMasters(holders, denied, f, processName)), nil
}

// withMasters adds parents that we may not inspect and that have the same name as their
// children with the socket: a master that runs as root, with workers that do not.
func withMasters(holders, denied []int, f family, name func(int) string) []int {
	out := slices.Clone(holders)
	for _, pid := range holders {
		master := f[pid]
		if slices.Contains(denied, master) && !slices.Contains(out, master) && name(master) == name(pid) {
			out = append(out, master)
		}
	}
	return out
}

// processName returns a process's own name; empty if it has ended.
func processName(pid int) string {
	s, err := readStat(pid)
	if err != nil {
		return ""
	}
	return s.name
}

// Tree returns a process and all its descendants. It fails with ErrGone if the process has
// ended.
func Tree(pid int) ([]int, error) {
	f, err := processes()
	if err != nil {
		return nil, fmt.Errorf("process tree: %w", err)
	}
	if _, ok := f[pid]; !ok {
		return nil, fmt.Errorf("process tree: process %d: %w", pid, ErrGone)
	}
	return f.tree([]int{pid}), nil
}

// processes returns the parent of every process.
func processes() (family, error) {
	pids, err := processNumbers()
	if err != nil {
		return nil, err
	}
	f := make(family, len(pids))
	for _, pid := range pids {
		s, err := readStat(pid)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f[pid] = s.parent
	}
	return f, nil
}

func processNumbers() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, bare(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, bare(err)
	}
	var pids []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

func listeningSockets() ([]socket, error) {
	var out []socket
	for _, name := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile("/proc/self/net/" + name)
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

// socketHolders returns every process that has one of the sockets open, and the processes
// that we may not inspect.
func socketHolders(sockets []socket) (holders, denied []int, err error) {
	links := make(map[string]bool, len(sockets))
	for _, s := range sockets {
		links["socket:["+strconv.FormatUint(s.id, 10)+"]"] = true
	}
	pids, err := processNumbers()
	if err != nil {
		return nil, nil, err
	}
	for _, pid := range pids {
		holds, err := holdsAny(pid, links)
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied = append(denied, pid)
		case errors.Is(err, ErrGone):
		case err != nil:
			return nil, nil, err
		case holds:
			holders = append(holders, pid)
		}
	}
	return holders, denied, nil
}

func holdsAny(pid int, links map[string]bool) (bool, error) {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	d, err := os.Open(dir)
	if err != nil {
		return false, processError(pid, err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return false, processError(pid, err)
	}
	for _, n := range names {
		to, err := os.Readlink(dir + "/" + n)
		if err == nil && links[to] {
			return true, nil
		}
	}
	return false, nil
}
