package models

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/models/httpsys"
)

// Further fronts of a site, for Options.Fronts. HTTP/2 is net/http's in all of them;
// HTTP/1.1 is the lean front's where there is one, but with FrontNetHTTP.
const (
	FrontNetHTTP = "nethttp" // HTTP/1.1 without TLS
	FrontTLS     = "tls"     // HTTPS: HTTP/1.1 and HTTP/2, whichever ALPN settles
	FrontH2C     = "h2c"     // without TLS: HTTP/2 with prior knowledge, and HTTP/1.1
)

// frontH2 is another name of FrontTLS for Site.FrontTarget: HTTP/2 over TLS.
const frontH2 = "h2"

var furtherFronts = []string{FrontNetHTTP, FrontTLS, FrontH2C}

// checkFronts reports every fault of the further fronts.
func (o Options) checkFronts() (faults []error) {
	if len(o.Fronts) > 0 && !o.Model.HasFronts() {
		faults = append(faults, fmt.Errorf("model %s: passes bytes on as they are, and the app behind it speaks HTTP/1.1 without TLS alone", o.Model))
	}
	for i, f := range o.Fronts {
		if !slices.Contains(furtherFronts, f) {
			faults = append(faults, fmt.Errorf("unknown further front %q: they are %s", f, strings.Join(furtherFronts, ", ")))
		} else if slices.Contains(o.Fronts[:i], f) {
			faults = append(faults, fmt.Errorf("further front %s: is there twice", f))
		}
	}
	return faults
}

// checkAddresses reports every fault of what the fronts listen on.
func (o Options) checkAddresses() (faults []error) {
	if err := checkAddress(o.Listen); err != nil {
		faults = append(faults, &Fault{"Listen", o.Listen, err, fmt.Sprintf("listen %q", o.Listen)})
	}
	byAddress := map[string]string{o.Listen: "the site's own front"}
	for _, front := range slices.Sorted(maps.Keys(o.FrontListen)) {
		address := o.FrontListen[front]
		fault := func(err error) {
			faults = append(faults, &Fault{"FrontListen[" + front + "]", address, err, fmt.Sprintf("front %s: listen %q", front, address)})
		}
		switch err := checkAddress(address); {
		case !slices.Contains(o.Fronts, front):
			faults = append(faults, fmt.Errorf("listen %q: the site has no further front %q", address, front))
		case err != nil:
			fault(err)
		case byAddress[address] != "" && !strings.HasSuffix(address, ":0"):
			fault(errors.New(byAddress[address] + " listens there"))
		default:
			byAddress[address] = "front " + front
		}
	}
	return faults
}

// checkAddress wants host:port, the port a number or a name of the system's.
func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("must be host:port")
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("port %q is not in 0 to 65535", port)
	}
	return nil
}

// furtherAddress is where the i-th further front is to listen, on the host of the
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

// identity is a certificate with its key, both PEM. It goes from process to
// process over the control channels and is never written to a disk.
type identity struct {
	Certificate []byte
	Key         []byte
}

// newIdentity makes a self-signed certificate for the loopback names and, if it
// names one, the host of address.
func newIdentity(address string) (identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, fmt.Errorf("the site's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // RFC 5280, 4.1.2.2: at most 20 octets
	if err != nil {
		return identity{}, fmt.Errorf("the site's certificate: %w", err)
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "localhost", Organization: []string{"ancmbench"}},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		// No authority: it can vouch for itself and for nobody else.
		BasicConstraintsValid: true,
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() && !ip.IsLoopback() {
			template.IPAddresses = append(template.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return identity{}, fmt.Errorf("the site's certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return identity{}, fmt.Errorf("the site's key: %w", err)
	}
	return identity{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
	}, nil
}

// config is how a front with this identity speaks TLS, and which certificates of
// clients it takes; what it has taken reaches the app in a field (OP-07).
func (id identity) config(clients ClientCertificates) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(id.Certificate, id.Key)
	if err != nil {
		return nil, fmt.Errorf("the site's certificate: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}}
	return c, clients.settle(c)
}

// fronts makes the site's front and its further ones, the same but for what they
// speak.
func (s settings) fronts(o httpsys.Options) ([]httpsys.Front, error) {
	first, err := httpsys.New(o)
	if err != nil {
		return nil, err
	}
	further, err := s.furtherFronts(o)
	return append([]httpsys.Front{first}, further...), err
}

// furtherFronts makes the further fronts alone.
func (s settings) furtherFronts(o httpsys.Options) (out []httpsys.Front, err error) {
	var faults []error
	for _, name := range s.Options.Fronts {
		further := o
		further.Kind = httpsys.Auto
		if name == FrontNetHTTP {
			further.Kind = httpsys.NetHTTP
		}
		further.H2C = name == FrontH2C
		if name == FrontTLS {
			if further.TLSConfig, err = s.Identity.config(s.Options.ClientCertificates); err != nil {
				faults = append(faults, err)
			}
		}
		f, err := httpsys.New(further)
		if err != nil {
			faults = append(faults, err)
		}
		out = append(out, f)
	}
	return out, errors.Join(faults...)
}
