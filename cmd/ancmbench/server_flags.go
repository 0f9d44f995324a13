package main

import (
	"errors"

	"github.com/spf13/cobra"

	"ancmbench/experiment"
)

// serverFlags say how servers of the user's may be asked and compared.
type serverFlags struct {
	insecure, http2              bool
	differentBodies, plainAndTLS bool
}

func addServerFlags(c *cobra.Command, f *serverFlags) {
	fl := c.Flags()
	fl.BoolVar(&f.insecure, "insecure", false, "accept any certificate of an https server without verifying it (--target)")
	fl.BoolVar(&f.http2, "http2", false, "use HTTP/2: negotiated by TLS for https://, with prior knowledge for http:// (--target)")
	fl.BoolVar(&f.differentBodies, "allow-different-bodies", false, "compare targets that answer the same request with different bodies")
	fl.BoolVar(&f.plainAndTLS, "allow-plain-and-tls", false, "compare a target without TLS with one that has it")
}

// apply sets how servers of the user's are reached, and refuses to compare one without TLS
// with one that has it.
func (f serverFlags) apply(targets []experiment.TargetSpec) error {
	var faults []error
	servers, secure := 0, 0
	for i := range targets {
		s := &targets[i]
		if s.Model != "" {
			continue
		}
		servers++
		if s.Target.Scheme == "https" {
			secure++
			s.Target.Insecure = f.insecure
		}
		if f.http2 {
			speakHTTP2(&s.Target)
		}
	}
	switch {
	case f.insecure && servers == 0, f.http2 && servers == 0:
		faults = append(faults, errors.New("--insecure and --http2 are for servers of your own: give --target"))
	case f.insecure && secure == 0:
		faults = append(faults, errors.New("--insecure: no URL begins with https://"))
	}
	if secure > 0 && secure < servers && !f.plainAndTLS {
		faults = append(faults, errors.New("some targets have TLS and others have not, so that the difference would be that of TLS: give URLs of one kind, or allow it with --allow-plain-and-tls"))
	}
	return errors.Join(faults...)
}
