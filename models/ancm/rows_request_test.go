package ancm

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

// recorder is an origin that keeps the heads it gets and answers 204.
type recorder struct {
	*Backend
	heads chan []string
	conns atomic.Int64
}

func startRecorder(t testing.TB) *recorder {
	rec := &recorder{heads: make(chan []string, 100)}
	rec.Backend = startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		rec.conns.Add(1)
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			rec.heads <- head
			if _, err := io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
				return
			}
		}
	})
	return rec
}

// values returns those of the head's fields with this name, in any case.
func values(head []string, name string) []string {
	var out []string
	for _, line := range head[1:] {
		if n, v, _ := strings.Cut(line, ":"); strings.EqualFold(n, name) {
			out = append(out, strings.TrimSpace(v))
		}
	}
	return out
}

// sendRaw writes a request as it stands and gives the response, without its body.
func sendRaw(t testing.TB, address, request string) (*http.Response, net.Conn) {
	t.Helper()
	c := dial(t, address)
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no response to %.80q: %v", request, err)
	}
	return resp, c
}

func wantValues(t *testing.T, head []string, name string, want ...string) {
	t.Helper()
	if got := values(head, name); !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", name, got, want)
	}
}

// withTLS makes a front speak HTTPS and HTTP/2, asking for a client certificate.
func withTLS(cert tls.Certificate) func(*httpsys.Options) {
	return func(o *httpsys.Options) {
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert}
	}
}

func TestOutOfProcess(t *testing.T) {
	t.Run("OP-05_plain_HTTP1_keep_alive", testPlainHTTP1)
	t.Run("OP-06_module_fields_from_outside_are_removed", func(t *testing.T) { eachFront(t, testModuleFieldsRemoved) })
	t.Run("OP-07_pairing_and_forwarded_fields", func(t *testing.T) {
		eachFront(t, testForwardedFields)
		t.Run("tls", testForwardedTLS)
	})
	t.Run("OP-08_request_goes_through", func(t *testing.T) { eachFront(t, testRequestThrough) })
	t.Run("OP-09_response_goes_through", func(t *testing.T) { eachFront(t, testResponseThrough) })
	t.Run("OP-10_websocket", func(t *testing.T) { eachFront(t, testWebSocket) })
	t.Run("OP-11_token", func(t *testing.T) { eachFront(t, testPairing) })
	t.Run("OP-12_app_sees_the_client", func(t *testing.T) { eachFront(t, testAppSeesClient) })
	t.Run("OP-15_failures", func(t *testing.T) { eachFront(t, testFailures) })
	t.Run("OP-18_no_replay", func(t *testing.T) { eachFront(t, testNoReplay) })
}

// Whatever protocol the client speaks, the app gets HTTP/1.1 over plain TCP, on a
// connection that is reused.
func testPlainHTTP1(t *testing.T) {
	cert := selfsigned.Certificate(t)
	rec := startRecorder(t)
	address := startFront(t, httpsys.NetHTTP, &Forwarder{Backends: Fixed(rec.Backend)}, withTLS(cert))
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: protocol == "HTTP/2.0"}
		if protocol == "HTTP/1.1" {
			tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		for range 3 {
			resp, err := (&http.Client{Transport: tr}).Get("https://" + address + "/a?b")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.Proto != protocol {
				t.Errorf("the client spoke %s, want %s", resp.Proto, protocol)
			}
			head := <-rec.heads
			if head[0] != "GET /a?b HTTP/1.1" {
				t.Errorf("the app got %q", head[0])
			}
			wantValues(t, head, "Host", address)
			wantValues(t, head, "X-Forwarded-Proto", "https")
		}
		tr.CloseIdleConnections()
	}
	if n := rec.conns.Load(); n != 1 {
		t.Errorf("%d connections to the app for requests one after the other, want 1", n)
	}
}

func testModuleFieldsRemoved(t *testing.T, kind string) {
	rec := startRecorder(t)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend)})
	sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\n"+
		"MS-ASPNETCORE-TOKEN: evil\r\nms-aspnetcore-token: evil\r\nMs-AspNetCore-WinAuthToken: 1f\r\n"+
		"mS-aSpNeTcOrE-cLiEnTcErT: evil\r\nMS-ASPNETCORE: evil\r\nMS-ASPNETCOREX: evil\r\n"+
		"Connection: MS-ASPNETCORE-TOKEN\r\nMS-ASPNET: stays\r\n\r\n")
	head := <-rec.heads
	if strings.Contains(strings.Join(head, "\n"), "evil") {
		t.Errorf("the app got a field of the client's:\n%s", strings.Join(head, "\n"))
	}
	wantValues(t, head, "MS-ASPNETCORE-TOKEN", testToken)
	wantValues(t, head, "MS-ASPNETCORE-WINAUTHTOKEN")
	wantValues(t, head, "MS-ASPNET", "stays")
}

func testForwardedFields(t *testing.T, kind string) {
	rec := startRecorder(t)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend)})
	cases := []struct{ sent, wantFor, wantProto string }{
		{"", "%s", "http"},
		{"X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\n", "10.0.0.1, %s", "https, http"},
		{"X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nx-forwarded-for: 10.0.0.3\r\n", "10.0.0.1, 10.0.0.2, 10.0.0.3, %s", "http"},
		{"Connection: X-Forwarded-For, X-Forwarded-Proto\r\nX-Forwarded-For: evil\r\n", "%s", "http"},
	}
	for _, tc := range cases {
		resp, c := sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\n"+tc.sent+"\r\n")
		head := <-rec.heads
		if resp.StatusCode != 204 {
			t.Errorf("status %d", resp.StatusCode)
		}
		wantValues(t, head, "X-Forwarded-For", fmt.Sprintf(tc.wantFor, c.LocalAddr()))
		wantValues(t, head, "X-Forwarded-Proto", tc.wantProto)
		wantValues(t, head, "MS-ASPNETCORE-TOKEN", testToken)
	}
	bare := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend), Bare: true})
	sendRaw(t, bare, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	head := <-rec.heads
	wantValues(t, head, "X-Forwarded-For")
	wantValues(t, head, "MS-ASPNETCORE-TOKEN")
}

// Over TLS the scheme is https and a client's certificate is passed on; over an
// IPv6 connection the address is in brackets.
func testForwardedTLS(t *testing.T) {
	rec := startRecorder(t)
	cert := selfsigned.Certificate(t)
	f, err := httpsys.New(httpsys.Options{Handler: &Forwarder{Backends: Fixed(rec.Backend)},
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	go f.Serve(l)
	t.Cleanup(func() { _ = f.Close() })
	for _, with := range []bool{true, false} {
		cfg := &tls.Config{InsecureSkipVerify: true}
		if with {
			cfg.Certificates = []tls.Certificate{cert}
		}
		c, err := tls.Dial("tcp", l.Addr().String(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nMS-ASPNETCORE-CLIENTCERT: evil\r\n\r\n")
		head := <-rec.heads
		wantValues(t, head, "X-Forwarded-For", c.LocalAddr().String())
		if !strings.HasPrefix(c.LocalAddr().String(), "[::1]:") {
			t.Errorf("client address %s", c.LocalAddr())
		}
		wantValues(t, head, "X-Forwarded-Proto", "https")
		var want []string
		if with {
			want = []string{base64.StdEncoding.EncodeToString(cert.Certificate[0])}
		}
		wantValues(t, head, "MS-ASPNETCORE-CLIENTCERT", want...)
		_ = c.Close()
	}
}

func testRequestThrough(t *testing.T, kind string) {
	rec := startRecorder(t)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend)})
	sendRaw(t, address, "PROPFIND /a%2Fb/../c;p=1//%7e?q=%20&x=a+b&&[] HTTP/1.1\r\nHost: ExAmple.COM:81\r\n"+
		"Connection: keep-alive, X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n"+
		"TE: gzip, trailers\r\nUpgrade: h2c\r\nX-Stays: a,  b\r\nX-Empty:\r\nCookie: a=b\r\nContent-Length: 0\r\n\r\n")
	head := <-rec.heads
	if want := "PROPFIND /a%2Fb/../c;p=1//%7e?q=%20&x=a+b&&[] HTTP/1.1"; head[0] != want {
		t.Errorf("request line %q, want %q", head[0], want)
	}
	wantValues(t, head, "Host", "ExAmple.COM:81")
	wantValues(t, head, "X-Hop")
	wantValues(t, head, "Keep-Alive")
	wantValues(t, head, "Proxy-Connection")
	wantValues(t, head, "Upgrade")
	wantValues(t, head, "TE", "trailers")
	wantValues(t, head, "Connection", "TE")
	wantValues(t, head, "X-Stays", "a,  b")
	wantValues(t, head, "X-Empty", "")
	wantValues(t, head, "Cookie", "a=b")
	wantValues(t, head, "Content-Length", "0")

	sendRaw(t, address, "GET http://other.example/p?q HTTP/1.1\r\nHost: ignored\r\n\r\n")
	head = <-rec.heads
	if head[0] != "GET /p?q HTTP/1.1" {
		t.Errorf("absolute-form became %q", head[0])
	}
	wantValues(t, head, "Host", "other.example")

	sendRaw(t, address, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
	if head = <-rec.heads; head[0] != "OPTIONS * HTTP/1.1" {
		t.Errorf("asterisk-form became %q", head[0])
	}
	if resp, _ := sendRaw(t, address, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"); resp.StatusCode != 501 {
		t.Errorf("CONNECT: status %d, want 501", resp.StatusCode)
	}
}
