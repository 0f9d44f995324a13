package proctree

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Listener is a listening TCP socket.
type Listener struct {
	Address netip.AddrPort
	inode   string
}

// Listeners lists the listening TCP sockets of this network namespace.
func Listeners() ([]Listener, error) {
	var out []Listener
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		ls, err := listeners(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) { // no IPv6
			return nil, err
		}
		out = append(out, ls...)
	}
	return out, nil
}

// listeners reads the table's start: the kernel lists the listening sockets
// (state 0A) before all others (net/ipv4/tcp_ipv4.c, tcp_seq_start), which may
// be tens of thousands.
func listeners(file string) ([]Listener, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Listener
	s := bufio.NewScanner(f)
	s.Scan() // the heading
	for s.Scan() {
		w := strings.Fields(s.Text())
		if len(w) < 10 {
			return nil, fmt.Errorf("%s: line of %d words", file, len(w))
		}
		if w[3] != "0A" {
			break
		}
		a, err := hexAddress(w[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, Listener{Address: a, inode: w[9]})
	}
	return out, s.Err()
}

// hexAddress reads "0100007F:1F90": each 32-bit word of the address in the
// machine's byte order, then the port.
func hexAddress(s string) (netip.AddrPort, error) {
	host, port, ok := strings.Cut(s, ":")
	p, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || (len(host) != 8 && len(host) != 32) {
		return netip.AddrPort{}, fmt.Errorf("address %q", s)
	}
	b := make([]byte, 0, 16)
	for i := 0; i < len(host); i += 8 {
		word, err := strconv.ParseUint(host[i:i+8], 16, 32)
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("address %q", s)
		}
		b = nativeAppend(b, uint32(word))
	}
	a, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), nil
}

// Owned returns the listening sockets that one of pids holds open.
func Owned(pids []int) ([]Listener, error) {
	all, err := Listeners()
	if err != nil {
		return nil, err
	}
	var out []Listener
	for _, pid := range pids {
		held := sockets(pid)
		for _, l := range all {
			if held[l.inode] && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

// sockets returns the inodes of the sockets that pid holds, none if it is gone.
func sockets(pid int) map[string]bool {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for _, n := range names {
		to, err := os.Readlink(dir + "/" + n)
		if err != nil {
			continue
		}
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			out[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return out
}

// WhoListens reports who listens on a TCP port that 127.0.0.1 reaches: root or one of
// its descendants (Ours), another process (Stranger), or Nobody.
func WhoListens(port int, root int) (Holder, error) {
	all, err := Listeners()
	if err != nil {
		return Nobody, err
	}
	var there []Listener
	for _, l := range all {
		a := l.Address.Addr()
		if int(l.Address.Port()) == port && (a.IsUnspecified() || a.IsLoopback() && a.Is4()) {
			there = append(there, l)
		}
	}
	if len(there) == 0 {
		return Nobody, nil
	}
	family, err := Descendants(root)
	if err != nil {
		return Nobody, err
	}
	for _, pid := range append(family, root) {
		held := sockets(pid)
		for _, l := range there {
			if held[l.inode] {
				return Ours, nil
			}
		}
	}
	return Stranger, nil
}
