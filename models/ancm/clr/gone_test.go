//go:build clr && linux && amd64 && cgo

package clr

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"ancmbench/models/ancm/clr/clrtest"
	"ancmbench/models/httpsys"
	"ancmbench/models/leavers"
)

// A client that goes is known to the app at once, also while the app waits for its body
// or for room to write.
func TestClientGone(t *testing.T) { eachTransport(t, testClientGone) }

func testClientGone(t *testing.T) {
	at := front(t, httpsys.Options{})
	for _, request := range []string{
		"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nsome",
		"GET /big/500000000 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello",
	} {
		before := app(t).Counts().InFlight
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, request)
		until(t, "the app has it", func() bool { return app(t).Counts().InFlight > before })
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		until(t, request, func() bool { return app(t).Counts().InFlight == before })
	}
}

// Clients break off in every phase while others are served: no wrong byte, no callback
// for another's request, nothing left.
func TestClientsThatBreakOff(t *testing.T) { eachTransport(t, testClientsThatBreakOff) }

func testClientsThatBreakOff(t *testing.T) {
	at := front(t, httpsys.Options{})
	clients := 1000
	if testing.Short() {
		clients = 100
	}
	requests := []string{
		"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /big/900000 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /stream/200 HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + string(patternOf(30000)),
		"POST /cancel HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n",
		"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbytes",
	}
	stop := make(chan struct{})
	var served, broken sync.WaitGroup
	for range 4 {
		served.Go(func() { steady(t, at, stop) })
	}
	gate := make(chan struct{}, 64)
	for i := range clients {
		gate <- struct{}{}
		broken.Go(func() {
			defer func() { <-gate }()
			if err := leavers.Leave(at, requests, mrand.New(mrand.NewPCG(uint64(i), 7))); err != nil {
				t.Error(err)
			}
		})
	}
	broken.Wait()
	close(stop)
	served.Wait()
	if c := clrtest.Count(); c.Disconnects == 0 {
		t.Errorf("nobody was seen to go: %+v", c)
	}
}

// steady asks and compares until stop.
func steady(t *testing.T, at string, stop <-chan struct{}) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	c := &http.Client{Transport: tr, Timeout: time.Minute}
	want := string(patternOf(70_000))
	for {
		select {
		case <-stop:
			return
		default:
		}
		a, err := c.Get("http://" + at + "/big/70000")
		if err != nil {
			t.Error(err)
			return
		}
		b, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil || string(b) != want {
			t.Errorf("%d bytes, %v", len(b), err)
			return
		}
	}
}

// certificate signs itself.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sheet := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "somebody"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, sheet, sheet, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
