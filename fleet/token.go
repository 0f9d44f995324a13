package fleet

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"time"

	"ancmbench"
)

// Token is what the machines of a fleet share: a token that lets an agent join, and the key
// and certificate of the coordinator, by which an agent knows it.
type Token struct {
	secret []byte
	cert   tls.Certificate
}

// The blocks of a token file.
const (
	blockToken = "ANCMBENCH TOKEN"
	blockCert  = "CERTIFICATE"
	blockKey   = "PRIVATE KEY"

	secretBytes   = 32
	tokenFileMost = 64 << 10
	// tokenLasts is how long a certificate is valid. Agents know it by its bytes and do
	// not look at the date, so that a wrong clock locks nobody out.
	tokenLasts = 10 * 365 * 24 * time.Hour
)

// NewToken returns a new token. It fails if the system has no randomness.
func NewToken() (*Token, error) {
	t := &Token{secret: make([]byte, secretBytes)}
	if _, err := rand.Read(t.secret); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "ancmbench"}, DNSNames: []string{"ancmbench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(tokenLasts),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	t.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return t, nil
}

// Write writes the token as text in PEM.
func (t *Token) Write(w io.Writer) error {
	key, err := x509.MarshalPKCS8PrivateKey(t.cert.PrivateKey)
	if err != nil {
		return err
	}
	for _, block := range []pem.Block{{Type: blockToken, Bytes: t.secret}, {Type: blockCert, Bytes: t.cert.Certificate[0]}, {Type: blockKey, Bytes: key}} {
		if err := pem.Encode(w, &block); err != nil {
			return err
		}
	}
	return nil
}

// Save writes the token to a new file that only its owner can read. It fails if the file is
// there already.
func (t *Token) Save(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(t.Write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path)) // a part of a token is none, and would be in the way
	}
	return nil
}

// ReadTokenFile reads what Save wrote. It fails if the file cannot be read, or lacks the
// token, the certificate or its key.
func ReadTokenFile(path string) (*Token, error) {
	data, err := ancmbench.ReadInput(path, tokenFileMost)
	if err != nil {
		return nil, err
	}
	t, err := parseToken(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func parseToken(data []byte) (*Token, error) {
	blocks := map[string][]byte{}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if blocks[block.Type] != nil {
			return nil, fmt.Errorf("has two blocks %s", block.Type)
		}
		blocks[block.Type] = block.Bytes
	}
	if len(blocks[blockToken]) != secretBytes || blocks[blockCert] == nil || blocks[blockKey] == nil {
		return nil, errors.New("is no token file: 'ancmbench agents new-token FILE' makes one")
	}
	cert, err := tls.X509KeyPair(pem.EncodeToMemory(&pem.Block{Type: blockCert, Bytes: blocks[blockCert]}),
		pem.EncodeToMemory(&pem.Block{Type: blockKey, Bytes: blocks[blockKey]}))
	if err != nil {
		return nil, fmt.Errorf("its certificate and key do not fit: %w", err)
	}
	return &Token{secret: blocks[blockToken], cert: cert}, nil
}

// word returns the token as it is sent, over TLS only.
func (t *Token) word() string { return fmt.Sprintf("%x", t.secret) }

// admits reports whether a word is the token's. The time it takes does not depend on where
// the two differ.
func (t *Token) admits(word string) bool {
	return subtle.ConstantTimeCompare([]byte(word), []byte(t.word())) == 1
}

// serverTLS returns the coordinator's side of TLS.
func (t *Token) serverTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{t.cert}}
}

// clientTLS returns an agent's side of TLS: it accepts the token's certificate and no
// other, whatever name and date that has.
func (t *Token) clientTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "ancmbench",
		InsecureSkipVerify: true, // VerifyConnection is stricter
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || !bytes.Equal(s.PeerCertificates[0].Raw, t.cert.Certificate[0]) {
				return errOtherCertificate
			}
			return nil
		}}
}

// errOtherCertificate is the error of an agent that met another coordinator than its own.
var errOtherCertificate = errors.New("the coordinator has another certificate than the token file")
