package models

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"

	"ancmbench"
)

// ClientCertificates say which certificates of clients the front "tls" takes, and
// passes on to the app. The zero value takes any: who issued it is for the app to
// judge.
type ClientCertificates struct {
	// Mode is "accept", which lets clients without a certificate pass, or "require".
	Mode string
	// CAFile has the certificates, PEM, of those who may have issued one.
	CAFile string
}

// Modes of ClientCertificates.
const (
	AcceptCertificates  = "accept"
	RequireCertificates = "require"
)

// check reports what cannot be, given whether there is a front with TLS, and makes the path absolute.
func (c *ClientCertificates) check(withTLS bool) (faults []error) {
	if c.Mode == "" && c.CAFile == "" {
		return nil
	}
	fault := func(option, value string, err error, about string) {
		faults = append(faults, &Fault{"ClientCertificates." + option, value, err, about})
	}
	if c.Mode != AcceptCertificates && c.Mode != RequireCertificates {
		fault("Mode", c.Mode, fmt.Errorf("must be %s or %s", AcceptCertificates, RequireCertificates), "client certificates")
	}
	if !withTLS {
		fault("Mode", c.Mode, errors.New("there are none without TLS"), "client certificates")
	}
	if c.CAFile == "" {
		fault("CAFile", "", errors.New("missing: whose certificates are taken?"), "client certificates: CA file")
		return faults
	}
	if abs, err := filepath.Abs(c.CAFile); err == nil {
		c.CAFile = abs
	}
	if _, err := c.pool(); err != nil {
		fault("CAFile", "", err, "client certificates: CA file")
	}
	return faults
}

// maxAuthorities bounds the file of accepted issuers, in bytes.
const maxAuthorities = 4 << 20

func (c ClientCertificates) pool() (*x509.CertPool, error) {
	b, err := ancmbench.ReadWhole(c.CAFile, maxAuthorities) // no pipe: each worker reads it again
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s: no certificate (PEM) in it", c.CAFile)
	}
	return pool, nil
}

// settle puts what is asked of clients into a front's configuration.
func (c ClientCertificates) settle(config *tls.Config) error {
	switch c.Mode {
	case "":
		config.ClientAuth = tls.RequestClientCert
		return nil
	case AcceptCertificates:
		config.ClientAuth = tls.VerifyClientCertIfGiven
	default:
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	var err error
	config.ClientCAs, err = c.pool()
	return err
}
