package models

import (
	"fmt"
	"net"
	"slices"

	"ancmbench"
)

// frontH2 is another name of FrontTLS for Site.FrontTarget: HTTP/2 over TLS.
const frontH2 = "h2"

// furtherAddress returns the address for the i-th further front: that of FrontListen,
// else a free port on the host of own, the address of the site's own front. It fails if
// own is no host:port.
func (o Options) furtherAddress(i int, own string) (string, error) {
	if address := o.FrontListen[o.Fronts[i]]; address != "" {
		return address, nil
	}
	host, _, err := net.SplitHostPort(own)
	return net.JoinHostPort(host, "0"), err
}

// FrontTarget returns how to reach a front of the site: Address, Scheme, Protocol and,
// with TLS, the certificate in Roots. front is one of Options.Fronts; "h2" is the front
// "tls" with HTTP/2, and "" is the site's own front. The caller sets Workload, Expect
// and Name. It fails if the site has no such front.
func (s *Site) FrontTarget(front string) (ancmbench.Target, error) {
	t := ancmbench.Target{Address: s.address}
	if front == "" {
		return t, nil
	}
	name := front
	if front == frontH2 {
		name = FrontTLS
	}
	i := slices.Index(s.opt.Fronts, name)
	if i < 0 {
		return ancmbench.Target{}, fmt.Errorf("site %s: has no further front %q, only %q", s.opt.Name, front, s.opt.Fronts)
	}
	t.Address = s.fronts[i]
	switch front {
	case FrontTLS, frontH2:
		t.Scheme, t.Roots = "https", slices.Clone(s.set.Identity.Certificate)
	}
	switch front {
	case frontH2, FrontH2C:
		t.Protocol = front
	}
	return t, nil
}
