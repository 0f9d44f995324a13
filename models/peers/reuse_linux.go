package peers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// peersOf lists the other ends of a backend's connections in this network
// namespace, those included that were closed less than a minute ago (TIME_WAIT),
// whichever side closed them.
func peersOf(backend netip.AddrPort) (map[netip.AddrPort]bool, error) {
	out := map[netip.AddrPort]bool{}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := addPeers(out, file, backend); err != nil && !errors.Is(err, os.ErrNotExist) { // no IPv6
			return nil, err
		}
	}
	return out, nil
}

func addPeers(out map[netip.AddrPort]bool, file string, backend netip.AddrPort) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	// The table may hold tens of thousands of others in TIME_WAIT.
	port := fmt.Appendf(nil, ":%04X ", backend.Port())
	s := bufio.NewScanner(f)
	s.Scan() // the heading
	for s.Scan() {
		if !bytes.Contains(s.Bytes(), port) {
			continue
		}
		w := strings.Fields(s.Text())
		if len(w) < 4 {
			return fmt.Errorf("%s: line of %d words", file, len(w))
		}
		if w[3] == "0A" { // listening
			continue
		}
		local, err1 := socketAddress(w[1])
		remote, err2 := socketAddress(w[2])
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		switch backend {
		case local:
			out[remote] = true
		case remote:
			out[local] = true
		}
	}
	return s.Err()
}

// socketAddress reads "0100007F:1F90": each 32-bit word of the address in the
// machine's byte order, then the port (proc_net_tcp.rst).
func socketAddress(s string) (netip.AddrPort, error) {
	host, port, ok := strings.Cut(s, ":")
	p, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || (len(host) != 8 && len(host) != 32) {
		return netip.AddrPort{}, fmt.Errorf("address %q", s)
	}
	var b []byte
	for i := 0; i < len(host); i += 8 {
		word, err := strconv.ParseUint(host[i:i+8], 16, 32)
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("address %q", s)
		}
		b = binary.NativeEndian.AppendUint32(b, uint32(word))
	}
	a, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), nil
}
