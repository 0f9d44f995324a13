package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	nats "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// natsServer is a program of its own in these tests: a NATS server of a user's, with an
// operator and an account. It writes its addresses, with TLS and without, and credentials
// into the folder that it is given, and ends with its standard input.
func natsServer() {
	if err := natsServe(os.Args[1]); err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func natsServe(dir string) error {
	operator, account := newNATSKey(nkeys.CreateOperator), newNATSKey(nkeys.CreateAccount)
	claims := jwt.NewAccountClaims(account.public)
	word, err := claims.Encode(operator.KeyPair)
	if err != nil {
		return err
	}
	accounts := &nats.MemAccResolver{}
	err = errors.Join(accounts.Store(account.public, word), writeNATSUser(filepath.Join(dir, "good"), account, nil),
		writeNATSUser(filepath.Join(dir, "other"), newNATSKey(nkeys.CreateAccount), nil),
		writeNATSUser(filepath.Join(dir, "narrow"), account, &jwt.Permission{Allow: []string{"elsewhere.>"}}))
	if err != nil {
		return err
	}
	pair, err := writeAuthority(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return err
	}
	trusted := jwt.NewOperatorClaims(operator.public)
	for name, secure := range map[string]*tls.Config{"nats": nil, "tls": {Certificates: []tls.Certificate{pair}}} {
		s, err := nats.NewServer(&nats.Options{Host: "127.0.0.1", Port: nats.RANDOM_PORT, NoSigs: true, NoLog: true,
			TrustedOperators: []*jwt.OperatorClaims{trusted}, AccountResolver: accounts, TLSConfig: secure, TLSTimeout: 20, AuthTimeout: 20})
		if err != nil {
			return err
		}
		s.Start()
		if !s.ReadyForConnections(30 * time.Second) {
			return errors.New("the NATS server does not listen")
		}
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at+".part", []byte(name+"://"+s.Addr().String()), 0o600); err != nil {
			return err
		}
		if err := os.Rename(at+".part", at); err != nil {
			return err
		}
	}
	return nil
}

type natsKey struct {
	nkeys.KeyPair
	public string
}

func newNATSKey(make func() (nkeys.KeyPair, error)) natsKey {
	pair, err := make()
	if err != nil {
		panic(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		panic(err)
	}
	return natsKey{pair, public}
}

// writeNATSUser writes credentials of a new user of an account; may is what it can publish
// and subscribe to, nil for everything.
func writeNATSUser(path string, account natsKey, may *jwt.Permission) error {
	user := newNATSKey(nkeys.CreateUser)
	claims := jwt.NewUserClaims(user.public)
	if may != nil {
		claims.Pub, claims.Sub = *may, *may
	}
	word, err := claims.Encode(account.KeyPair)
	if err != nil {
		return err
	}
	seed, err := user.Seed()
	if err != nil {
		return err
	}
	text, err := jwt.FormatUserConfig(word, seed)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// writeAuthority writes the certificate of a server on 127.0.0.1, which signs itself.
func writeAuthority(path string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.WriteFile(path, text, 0o644)
}

// startNATS starts a NATS server of a user's, and returns it with its URLs.
func (m *machines) startNATS() (s *running, plain, secure string) {
	m.t.Helper()
	c := exec.Command("natsserver", m.dir)
	c.Env = append(os.Environ(), markVariable+"="+m.mark)
	c.Stdout, c.Stderr = new(bytes.Buffer), &growing{}
	if _, err := c.StdinPipe(); err != nil { // its end ends the server
		m.t.Fatal(err)
	}
	s = m.begin(c)
	for _, at := range []struct {
		name string
		to   *string
	}{{"nats", &plain}, {"tls", &secure}} {
		s.until("the NATS server listens", func() bool {
			text, err := os.ReadFile(filepath.Join(m.dir, at.name))
			*at.to = string(text)
			return err == nil && len(text) > 0
		})
	}
	return s, plain, secure
}

// fails fails unless the process ends with that code and one sentence that has these words.
func (r *running) fails(code int, words ...string) {
	r.m.t.Helper()
	r.exits(code)
	said := r.said.String()
	_, last, _ := strings.Cut(said, "ancmbench: ")
	if strings.Count(said, "ancmbench: ") != 1 || strings.Count(strings.TrimSpace(last), "\n") != 0 {
		r.m.t.Errorf("%v does not end with one sentence: %s", r.Args, said)
	}
	for _, w := range words {
		if !strings.Contains(last, w) {
			r.m.t.Errorf("%v ends with %q, without %q", r.Args, last, w)
		}
	}
}

// A NATS server of the user's carries a run and a load, with TLS and without, and each of
// its faults ends them with one sentence.
func TestNATSServerOfTheUser(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := oneMachine(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(site.Close)
	bus, plain, secure := m.startNATS()
	load := func(url, creds string, more ...string) *running {
		return m.start(0, append([]string{"load", site.URL, "-c", "2", "-r", "100", "-d", "300ms", "--nats", url, "--creds", creds, "--load-agents=1"}, more...)...)
	}
	agent := func(url, creds string, more ...string) *running {
		return m.start(0, append([]string{"agent", "--join", url, "--creds", creds}, more...)...)
	}

	t.Run("run", func(t *testing.T) {
		m.write("p.yaml", aSecond)
		agents := []*running{agent(plain, "good", "--serve"), agent(plain, "good", "--load"), agent(plain, "good", "--load")}
		run := m.start(0, "run", "--model=direct,in-process", "--profile=p.yaml", "--nats", plain, "--creds=good", "--load-agents=2", "--serve-agent=any", "--out=out")
		run.measures()
		m.checkShared("out", "direct", "in-process")
		for _, a := range agents {
			a.exits(0)
		}
	})

	t.Run("load with TLS, by agents that it starts", func(t *testing.T) {
		c := m.command(0, "load", site.URL, "-c", "2", "-r", "100", "-d", "300ms", "--nats", secure, "--creds=good", "--start-agents=local:2")
		c.Env = append(c.Env, "SSL_CERT_FILE="+filepath.Join(m.dir, "ca.pem"))
		m.begin(c).exits(0)
		load(secure, "good").fails(exitTool, "NATS server", "certificate")
	})

	t.Run("credentials", func(t *testing.T) {
		ends := []*running{load(plain, "other"), agent(plain, "other", "--load"), load(plain, "narrow"), agent(plain, "narrow", "--load"), load(plain, "ca.pem"), agent(plain, "nowhere", "--load")}
		for i, want := range []struct {
			code int
			word string
		}{{exitTool, "the credentials are not taken"}, {exitTool, "the credentials are not taken"}, {exitTool, "does not let this user publish and subscribe to ancmbench.>"},
			{exitTool, "does not let this user publish and subscribe to ancmbench.>"}, {exitUsage, "has no credentials of a NATS user"}, {exitUsage, "no such file"}} {
			ends[i].fails(want.code, want.word)
		}
	})

	t.Run("the server ends", func(t *testing.T) {
		long := load(plain, "good", "-d", "60s", "--start-agents=local:1")
		long.awaits("joined")
		load(plain, "good").fails(exitTool, "another run uses it")
		bus.signal(syscall.SIGKILL)
		long.fails(exitInvalid, "was lost: the NATS server at "+plain)
		load(plain, "good").fails(exitTool, "the NATS server at "+plain+" cannot be used")
	})
}
