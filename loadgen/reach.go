package loadgen

import (
	"context"
	"net"
	"net/netip"

	"ancmbench"
)

// Reach gives the address by which a target is spoken to. Of a name that has several
// addresses it is the first, in the resolver's order, that accepts a connection; the
// next family is tried after 300 ms without an answer (RFC 8305 in spirit). Where none
// accepts it is the first, so that the load counts how it fails. It fails for a name
// that nobody knows. The path of a socket and a numeric address stay as they are.
func Reach(ctx context.Context, t ancmbench.Target) (string, error) {
	if t.Network == "unix" {
		return t.Address, nil
	}
	host, port, err := net.SplitHostPort(t.Address)
	if err != nil {
		return "", err
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return t.Address, nil
	}
	known, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return "", err
	}
	first := netip.AddrPortFrom(known[0].Unmap(), uint16(number)).String()
	if len(known) == 1 {
		return first, nil
	}
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", t.Address)
	if err != nil {
		return first, nil
	}
	defer c.Close()
	return c.RemoteAddr().String(), nil
}
