package loadgen

import (
	"context"
	"net"
	"net/netip"
	"time"

	"ancmbench"
)

// attemptDelay is how long to wait for an address before the next one is tried as well
// (RFC 8305 5).
const attemptDelay = 250 * time.Millisecond

// Reach returns the address at which a target is reached. If its name has several
// addresses, it returns the first in the resolver's order that accepts a connection; if
// none does, it returns the first, so that the load counts the failures. It returns a
// socket's path and a numeric address unchanged. It fails if the name cannot be resolved.
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
	var all []string
	for _, ip := range known {
		all = append(all, netip.AddrPortFrom(ip.Unmap(), uint16(number)).String())
	}
	var d net.Dialer
	return firstToAccept(ctx, all, func(ctx context.Context, address string) error {
		c, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			c.Close()
		}
		return err
	}), nil
}

// firstToAccept returns the first address that accepts a connection, or else the first of
// all. It tries them in order, each as soon as the previous one failed or its delay is
// over.
func firstToAccept(ctx context.Context, addresses []string, dial func(context.Context, string) error) string {
	if len(addresses) == 1 {
		return addresses[0]
	}
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	type attempt struct {
		address string
		err     error
	}
	ended := make(chan attempt, len(addresses))
	delay := time.NewTimer(0)
	defer delay.Stop()
	next, failed := 0, 0
	for failed < len(addresses) {
		select {
		case <-delay.C:
			if next == len(addresses) {
				continue
			}
			address := addresses[next]
			next++
			go func() { ended <- attempt{address, dial(ctx, address)} }()
			delay.Reset(attemptDelay)
		case a := <-ended:
			if a.err == nil {
				return a.address
			}
			failed++
			delay.Reset(0)
		}
	}
	return addresses[0]
}
