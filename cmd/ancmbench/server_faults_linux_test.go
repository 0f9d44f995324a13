package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// faultOf runs a load and a run against a server, and returns what each said.
func faultOf(t *testing.T, url string, flags ...string) (loadCode int, loadSaid string, runCode int, runSaid string, run *ancmbench.Run) {
	t.Helper()
	loadCode, out, errs := load(t, append([]string{url, "-n", "60", "-r", "100", "-c", "2"}, flags...)...)
	runCode, runSaid, run = ranOn(t, short, nil, append([]string{"--rate=100", "--connections=2", "--target", "a=" + url, "--target", "b=" + url}, flags...)...)
	return loadCode, out + errs, runCode, runSaid, run
}

// expectFault checks that load and run end with an error that has the words.
func expectFault(t *testing.T, url string, loadWords, runWords string, flags ...string) {
	t.Helper()
	code, said, runCode, runSaid, _ := faultOf(t, url, flags...)
	if flat := strings.Join(strings.Fields(said), " "); code != exitTool || !strings.Contains(flat, loadWords) {
		t.Errorf("load %s: exit code %d, want %q in %s", url, code, loadWords, said)
	}
	if runCode != exitTool || !strings.Contains(runSaid, runWords) {
		t.Errorf("run %s: exit code %d, want %q in %s", url, runCode, runWords, runSaid)
	}
}

func expectNoFault(t *testing.T, url string, flags ...string) (said string, run *ancmbench.Run) {
	t.Helper()
	code, said, runCode, runSaid, run := faultOf(t, url, flags...)
	if code != exitOK || runCode != exitOK && !tooBusy(runCode, runSaid) || run == nil {
		t.Errorf("%s %v: exit codes %d and %d: %s\n%s", url, flags, code, runCode, said, runSaid)
	}
	return said, run
}

func TestUnreachableTarget(t *testing.T) {
	skipRaced(t)
	expectFault(t, "http://127.0.0.1:"+freePort(t)+"/", "connection refused", "target a does not answer: dial tcp 127.0.0.1:")
	expectFault(t, "http://name.invalid/", "the name of the host cannot be resolved", "the name of the host cannot be resolved")
}

// A certificate that nobody vouches for is refused, unless the user says otherwise.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	const cause = "x509: certificate signed by unknown authority"
	expectFault(t, s.URL, cause+" (", cause+". Fix: --cacert FILE trusts the one that signed it, --insecure takes any")
	expectNoFault(t, s.URL, "--insecure")
}

// nginxAt runs nginx with a server block, and blocks beside it, and returns its port.
func nginxAt(t *testing.T, block string, beside ...string) (port string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path = "/usr/sbin/nginx"; !isThere(path) {
			t.Skip("skipped: no nginx on this machine (Debian: nginx-light)")
		}
	}
	dir := t.TempDir()
	port = freePort(t)
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log; events { worker_connections 256; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
%[4]s
server { listen 127.0.0.1:%[2]s; %[3]s } }`, dir, port, block, strings.Join(beside, "\n"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(path, "-c", config, "-p", dir))
	waitForPort(t, port)
	return port
}

// A redirect is an outcome with a count of its own; it is right if it is expected, and
// never followed.
func TestRedirectOfNginx(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	elsewhere := newCounting(t, same)
	url := "http://127.0.0.1:" + nginxAt(t, "location / { return 302 "+elsewhere.URL+"/; }") + "/"
	expectFault(t, url, "status 302: a redirect, which is not followed (", "status 302 (a redirect, which is not followed) where a 2xx was expected. Fix: --expect 2xx,302 counts it as right")
	said, run := expectNoFault(t, url, "--expect-status=2xx,302")
	if !strings.Contains(said, "60 redirects, not followed") {
		t.Errorf("load says %s", said)
	}
	if run != nil && !slices.ContainsFunc(run.Results, func(r ancmbench.Result) bool {
		return r.Outcomes.Redirects > 10 && r.Outcomes.Redirects == r.Outcomes.OK
	}) {
		t.Error("the run does not count the redirects")
	}
	if n := elsewhere.count(); n != 0 {
		t.Errorf("the other server was asked %d times", n)
	}
}

// A server that closes its connection after each answer is a finding: nginx without
// keep-alive, and Python's server, which speaks HTTP/1.0.
func TestServersThatCloseConnections(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	said, run := expectNoFault(t, "http://127.0.0.1:"+nginxAt(t, "keepalive_timeout 0; location / { return 200 hello; }")+"/")
	closes := func(who, said string) {
		if flat := strings.Join(strings.Fields(said), " "); !strings.Contains(flat, "60 connections closed by the server") || !strings.Contains(flat, "the server closed its connection after 100 % of the answers") {
			t.Errorf("%s: load says %s", who, said)
		}
	}
	closes("nginx", said)
	if run != nil {
		for _, r := range run.Results {
			if !slices.ContainsFunc(r.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnServerCloses }) {
				t.Errorf("run: no finding at %s: %+v", r.Target, r.Warnings)
			}
		}
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: no python3 on this machine")
	}
	port := freePort(t)
	c := exec.Command(python, "-m", "http.server", "--bind", "127.0.0.1", "--directory", t.TempDir(), port)
	start(t, c)
	waitForPort(t, port)
	code, out, errs := load(t, "http://127.0.0.1:"+port+"/", "-n", "60", "-r", "100", "-c", "2")
	if code != exitOK {
		t.Errorf("exit code %d: %s", code, errs)
	}
	closes("python3", out)
}

// nodeHTTP2 is a server that speaks HTTP/2 only: with TLS by a certificate in the given
// files, and without it.
const nodeHTTP2 = `
const http2 = require('http2'), fs = require('fs');
const answer = (stream) => { stream.respond({':status': 200}); stream.end('hello'); };
const plain = http2.createServer(); plain.on('stream', answer);
const tls = http2.createSecureServer({allowHTTP1: false, cert: fs.readFileSync(process.argv[1]), key: fs.readFileSync(process.argv[2])}); tls.on('stream', answer);
plain.on('sessionError', () => {}); tls.on('sessionError', () => {}); tls.on('tlsClientError', () => {});
plain.listen(0, '127.0.0.1', () => tls.listen(0, '127.0.0.1', () => console.log(plain.address().port + ' ' + tls.address().port)));
`

// A server of HTTP/2 only is named as such, with what to do; with the flag it is measured.
func TestNodeThatSpeaksHTTP2Only(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("skipped: no node on this machine")
	}
	cert, key := selfSigned(t)
	c := exec.Command(path, "-e", nodeHTTP2, cert, key)
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	var plain, secure string
	if _, err := fmt.Fscan(bufio.NewReader(stdout), &plain, &secure); err != nil {
		t.Fatal(err)
	}
	const only = "the server speaks HTTP/2 only"
	expectFault(t, "http://127.0.0.1:"+plain+"/", only+" (", only+". Fix: --http2 speaks it")
	expectFault(t, "https://127.0.0.1:"+secure+"/", only, "Fix: --http2 speaks it", "--insecure")
	expectNoFault(t, "https://127.0.0.1:"+secure+"/", "--http2", "--insecure")
}

// waitForPort waits until something listens on a port of this machine.
func waitForPort(t *testing.T, port string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing listens on port %s: %v", port, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// selfSigned writes a certificate for 127.0.0.1 and its key into files.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret)
}
