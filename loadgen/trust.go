package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"

	"ancmbench"
)

// TLSConfig returns the configuration for a target with the scheme https. It verifies the
// target's name against Target.Roots and offers only the ALPN protocol of
// Target.Protocol. Other settings come from base; nil means the zero value. It fails if
// Target.Roots holds no certificate.
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
