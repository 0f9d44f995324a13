package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"

	"ancmbench"
)

// TLSConfig is how a target with the scheme https is to be spoken to: its name
// verified against Target.Roots, and with the ALPN protocol that Target.Protocol
// asks for and no other. What base sets stays, but for Roots if the target has
// some; nil is the zero value.
func TLSConfig(t ancmbench.Target, base *tls.Config) (*tls.Config, error) {
	c := &tls.Config{}
	if base != nil {
		c = base.Clone()
	}
	if len(t.Roots) > 0 {
		pool, err := rootsOf(t)
		if err != nil {
			return nil, err
		}
		c.RootCAs = pool
	}
	if t.Insecure {
		c.InsecureSkipVerify = true
	}
	if c.ServerName == "" {
		c.ServerName = serverName(t)
	}
	c.NextProtos = []string{"http/1.1"}
	if t.Protocol == "h2" {
		c.NextProtos = []string{"h2"}
	}
	return c, nil
}

func rootsOf(t ancmbench.Target) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(t.Roots) {
		return nil, fmt.Errorf("target %s: roots hold no certificate in PEM", t.Name)
	}
	return pool, nil
}

func serverName(t ancmbench.Target) string {
	name := HostField(t)
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	return name
}
