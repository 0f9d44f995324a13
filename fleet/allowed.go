package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ancmbench"
	"ancmbench/loadgen"
)

// Allowed is what addresses a load agent sends to. The zero value admits those of the run's
// serving agents.
type Allowed struct{ rules []rule }

// rule admits the addresses of a network, at one port or at all.
type rule struct {
	net  netip.Prefix
	host string // instead of a network: a name that is asked for as such
	port uint16 // 0 = all
}

// ParseAllowed reads the addresses of --allow-target: an address or a network, or a name,
// each with or without a port. It returns all faults at once.
func ParseAllowed(texts []string) (Allowed, error) {
	var a Allowed
	var faults []error
	for _, text := range texts {
		r, err := parseRule(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%q: %w", text, err))
			continue
		}
		a.rules = append(a.rules, r)
	}
	return a, errors.Join(faults...)
}

func parseRule(text string) (r rule, err error) {
	host := text
	if p, err := netip.ParsePrefix(text); err == nil {
		return rule{net: p.Masked()}, nil
	}
	if ip, err := netip.ParseAddr(text); err == nil {
		return rule{net: whole(ip)}, nil
	}
	if h, port, err := net.SplitHostPort(text); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return r, errors.New("the port is no number from 1 to 65535")
		}
		host, r.port = h, uint16(n)
	}
	if p, err := netip.ParsePrefix(host); err == nil {
		r.net = p.Masked()
		return r, nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		r.net = whole(ip)
		return r, nil
	}
	if host == "" || strings.ContainsAny(host, ":/ @*") {
		return r, errors.New("want an address, a network or a name, with or without :port, as 10.0.0.7, 10.0.0.0/24 or shop.test:8080")
	}
	r.host = strings.ToLower(host)
	return r, nil
}

func whole(ip netip.Addr) netip.Prefix { return netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()) }

// admits reports whether the rules admit an address that was asked for by this name.
func (a Allowed) admits(name string, at netip.AddrPort) bool {
	return slices.ContainsFunc(a.rules, func(r rule) bool {
		if r.port != 0 && r.port != at.Port() {
			return false
		}
		if r.host != "" {
			return strings.ToLower(name) == r.host
		}
		return r.net.Contains(at.Addr())
	})
}

// settle replaces a target's name by the address that it has now, if the rules admit that
// address; so what is checked is what is loaded. It fails for any other target.
func (a Allowed) settle(ctx context.Context, t *ancmbench.Target, serving []string) error {
	if t.Network == "unix" {
		return fmt.Errorf("target %s: %w: a Unix socket is no address of another machine", t.Name, ErrRefused)
	}
	if len(a.rules) == 0 {
		var err error
		if a, err = ParseAllowed(serving); err != nil {
			return fmt.Errorf("the addresses of the serving agents: %w", err)
		}
	}
	name, port, err := net.SplitHostPort(t.Address)
	if err != nil {
		return fmt.Errorf("target %s: %w", t.Name, err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return fmt.Errorf("target %s: %w", t.Name, err)
	}
	addresses := []netip.Addr{}
	if ip, err := netip.ParseAddr(name); err == nil {
		addresses = append(addresses, ip)
	} else if addresses, err = net.DefaultResolver.LookupNetIP(ctx, "ip", name); err != nil {
		return fmt.Errorf("target %s: %w", t.Name, err)
	}
	for _, ip := range addresses {
		at := netip.AddrPortFrom(ip.Unmap(), uint16(number))
		if !a.admits(name, at) {
			continue
		}
		t.Host = loadgen.HostField(*t)
		t.Address = at.String()
		return nil
	}
	if slices.ContainsFunc(addresses, netip.Addr.IsLoopback) {
		return fmt.Errorf("target %s at %s: %w: that is the agent's own host, where --allow-target %s would be needed; a server of another host must listen on an address that others reach",
			t.Name, t.Address, ErrRefused, t.Address)
	}
	return fmt.Errorf("target %s at %s: %w: start the agent with --allow-target %s to allow it", t.Name, t.Address, ErrRefused, t.Address)
}
