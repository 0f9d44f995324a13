package models

import (
	"fmt"
	"net"
	"slices"

	"ancmbench"
)

// frontH2 is another name of FrontTLS for Site.FrontTarget: HTTP/2 over TLS.
const frontH2 = "h2"

// furtherAddress returns where the i-th further front is to listen, on the host of the
// site's own front if nothing else is said.
func (o Options) furtherAddress(i int, own string) (string, error) {
	if address := o.FrontListen[o.Fronts[i]]; address != "" {
		return address, nil
	}
	host, _, err := net.SplitHostPort(own)
	return net.JoinHostPort(host, "0"), err
}

// FrontTarget says how a front of the site is reached: Address, Scheme, Protocol
// and, with TLS, the certificate in Roots. front is one of Options.Fronts; "h2" is
// the front "tls" spoken to with HTTP/2, and "" the site's own front. Workload,
// Expect and Name are the caller's.
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
