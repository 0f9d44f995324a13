package main

import (
	"crypto/x509"
	"errors"
	"fmt"

	"ancmbench"
)

const caCertUsage = "verify https servers against the certificates in this file (PEM) instead of the system's, as curl does"

// maxTrustFile is several times the size of all root certificates of a system.
const maxTrustFile = 4 << 20

// trust reads --cacert for the targets with TLS. Without such a target it returns an error,
// because the flag would have no effect.
func trust(path string, targets ...*ancmbench.Target) error {
	if path == "" {
		return nil
	}
	roots, err := ancmbench.ReadInput(path, maxTrustFile)
	if err != nil {
		return fmt.Errorf("--cacert: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(roots) {
		return fmt.Errorf("--cacert %s: contains no certificate in PEM", path)
	}
	used := false
	for _, t := range targets {
		if t.Scheme == "https" {
			t.Roots, used = roots, true
		}
	}
	if !used {
		return errors.New("--cacert: no URL begins with https://")
	}
	return nil
}

// speakHTTP2 makes the target one of HTTP/2: by ALPN with TLS, else with prior
// knowledge (RFC 9113, 3.3).
func speakHTTP2(t *ancmbench.Target) {
	t.Protocol = "h2c"
	if t.Scheme == "https" {
		t.Protocol = "h2"
	}
}
