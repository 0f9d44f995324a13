package host

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// PortsLeft returns the number of local ports that are free for outgoing TCP connections:
// ip_local_port_range without ip_local_reserved_ports and without the port of any socket,
// including those in TIME_WAIT. This is a lower bound, because a port in use can be used
// again for another remote address.
func PortsLeft() (int, error) { return portsLeft(root()) }

func portsLeft(fsys fs.FS) (int, error) {
	text, err := word(fsys, "proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, fmt.Errorf("ports: %w", err)
	}
	low, high, err := portRange(strings.Fields(text))
	if err != nil {
		return 0, fmt.Errorf("ports: ip_local_port_range: %w", err)
	}
	taken := make([]bool, 1<<16)
	reserved, err := word(fsys, "proc/sys/net/ipv4/ip_local_reserved_ports")
	if err == nil {
		err = reserve(taken, reserved)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("ports: ip_local_reserved_ports: %w", err)
	}
	for _, name := range []string{"tcp", "tcp6"} {
		table, err := fs.ReadFile(fsys, "proc/self/net/"+name)
		if errors.Is(err, fs.ErrNotExist) && name == "tcp6" {
			continue // a kernel without IPv6
		}
		if err != nil {
			return 0, fmt.Errorf("ports: %w", bare(err))
		}
		if err := localPorts(taken, string(table)); err != nil {
			return 0, fmt.Errorf("ports: net/%s: %w", name, err)
		}
	}
	left := 0
	for _, t := range taken[low : high+1] {
		if !t {
			left++
		}
	}
	return left, nil
}

func portRange(f []string) (low, high int, err error) {
	if len(f) != 2 {
		return 0, 0, errors.New("not two numbers")
	}
	l, err1 := strconv.ParseUint(f[0], 10, 16)
	h, err2 := strconv.ParseUint(f[1], 10, 16)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	if l > h {
		return 0, 0, fmt.Errorf("%d to %d is empty", l, h)
	}
	return int(l), int(h), nil
}

// reserve marks "8080,9000-9010".
func reserve(taken []bool, list string) error {
	for part := range strings.SplitSeq(list, ",") {
		if part == "" {
			continue
		}
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			to = from
		}
		low, high, err := portRange([]string{from, to})
		if err != nil {
			return err
		}
		for p := low; p <= high; p++ {
			taken[p] = true
		}
	}
	return nil
}

// localPorts marks the local port of every socket in a table like /proc/net/tcp,
// whose second column is address:port in hex.
func localPorts(taken []bool, table string) error {
	heading := true
	for line := range strings.Lines(table) {
		if heading {
			heading = false
			continue
		}
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 2 {
			return errors.New("a line is too short")
		}
		i := strings.LastIndexByte(f[1], ':')
		if i < 0 {
			return fmt.Errorf("%q has no port", f[1])
		}
		p, err := strconv.ParseUint(f[1][i+1:], 16, 16)
		if err != nil {
			return fmt.Errorf("%q has no port", f[1])
		}
		taken[p] = true
	}
	return nil
}
