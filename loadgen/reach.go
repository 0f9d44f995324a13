package loadgen

import (
	"context"
	"net"
	"net/netip"
	"time"

	"ancmbench"
)

// attemptDelay is how long an address has before the next one is tried beside it
// (RFC 8305 5).
const attemptDelay = 250 * time.Millisecond

// Reach gives the address by which a target is spoken to. Of a name that has several
// addresses it is the first, in the resolver's order, that accepts a connection. Where
// none accepts it is the first, so that the load counts how it fails. It fails for a
// name that nobody knows. The path of a socket and a numeric address stay as they are.
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

// firstToAccept tries addresses in order, each as soon as the one before has failed or
// its delay is over, and gives the first that accepts; else the first of all.
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
