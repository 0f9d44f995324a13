//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

// servingCommand is a serve that runs.
type servingCommand struct {
	*exec.Cmd
	t     *testing.T
	lines []string // what it prints: an address per line
	mu    sync.Mutex
	said  bytes.Buffer // on standard error
	ended chan struct{}
}

// Write takes standard error.
func (s *servingCommand) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(b)
}

func (s *servingCommand) stderr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// runServe starts serve with these flags; it prints so many addresses.
func runServe(t *testing.T, addresses int, flags ...string) *servingCommand {
	t.Helper()
	s := &servingCommand{t: t, Cmd: exec.Command("ancmbench", append([]string{"serve", "--listen=127.0.0.1:0"}, flags...)...), ended: make(chan struct{})}
	s.Stderr = s
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(syscall.SIGTERM) })
	lines := bufio.NewReader(out)
	for range addresses {
		line, err := lines.ReadString('\n')
		if err != nil {
			s.end(syscall.SIGTERM)
			t.Fatalf("%v: %s", err, s.stderr())
		}
		s.lines = append(s.lines, line)
	}
	return s
}

var addressIn = regexp.MustCompile(`https?://\S+/`)

func (s *servingCommand) url(i int) string { return addressIn.FindString(s.lines[i]) }

// end sends a signal and gives the exit code.
func (s *servingCommand) end(sig syscall.Signal) int {
	_ = s.Process.Signal(sig) // it may have ended
	_ = s.Wait()              // a second time is an error, and no harm
	return s.ProcessState.ExitCode()
}

// get asks and gives status and body; an error is its text.
func get(c *http.Client, url string) (int, string) {
	a, err := c.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return 0, err.Error()
	}
	return a.StatusCode, string(b)
}

// untilSaid waits for a line of standard error.
func (s *servingCommand) untilSaid(want string) string {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(s.stderr()) {
			if strings.Contains(line, want) {
				return line
			}
		}
	}
	s.t.Fatalf("never said: %s\n%s", want, s.stderr())
	return ""
}

const servedNode = `const http=require("http");
if(process.env.FAIL){console.error("cannot open Server=db;Password=hunter22");process.exit(3)}
http.createServer((q,a)=>{
  if(q.headers["ms-aspnetcore-event"]){a.statusCode=202;a.end();return} // and does not end
  if(q.url==="/exit"){console.log("last words");process.exit(4)}
  a.end("served")
}).listen(process.env.ASPNETCORE_PORT,"127.0.0.1")
`

func nodeFolder(t *testing.T, attributes string, variables ...string) string {
	t.Helper()
	onUnix(t)
	if _, err := exec.LookPath("node"); err != nil {
		t.Skipf("node is not on this machine: %v", err)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "app.js"), servedNode)
	writeConfig(t, dir, `processPath="node" arguments="app.js" `+attributes, variables...)
	return dir
}

func writeConfig(t *testing.T, dir, attributes string, variables ...string) {
	t.Helper()
	inside := ""
	for i := 0; i+1 < len(variables); i += 2 {
		inside += fmt.Sprintf(`<environmentVariable name="%s" value="%s"/>`, variables[i], variables[i+1])
	}
	writeFile(t, filepath.Join(dir, "web.config"), `<configuration><system.webServer><aspNetCore `+attributes+`><environmentVariables>`+inside+
		`</environmentVariables></aspNetCore></system.webServer></configuration>`)
}

// Whatever goes wrong with the app is a line on standard error, with time and exit
// code and without secrets; and serve ends with 0 when it is asked to.
func TestServeSaysWhatHappens(t *testing.T) {
	check := func(name string, dir func() string, path string, want ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := runServe(t, 1, "--web-config="+dir())
			if strings.Contains(s.lines[0], "node answers ;") {
				t.Errorf("the banner claims an answer: %s", s.lines[0])
			}
			get(http.DefaultClient, s.url(0)+path)
			line := s.untilSaid(want[0])
			for _, w := range want {
				if !strings.Contains(line, w) {
					t.Errorf("the line lacks %q: %s", w, line)
				}
			}
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `).MatchString(line) {
				t.Errorf("no time: %s", line)
			}
			if strings.Contains(s.stderr(), "hunter22") {
				t.Errorf("a secret: %s", s.stderr())
			}
			if code := s.end(syscall.SIGTERM); code != exitOK {
				t.Errorf("exit code %d after SIGTERM: %s", code, s.stderr())
			}
		})
	}
	check("app started", func() string { return nodeFolder(t, "") }, "", "listens on port")
	check("app exits at once", func() string { return nodeFolder(t, "", "FAIL", "yes") }, "", "could not be started", "exit status 3", "; its last words: ", "cannot open Server=db")
	check("app exits later", func() string { return nodeFolder(t, "") }, "exit", "has ended unasked", "exit status 4", "; its last words: last words")
	check("program missing", func() string {
		dir := nodeFolder(t, "")
		writeConfig(t, dir, `processPath="dotnetx"`)
		return dir
	}, "", "could not be started", "dotnetx")
	check("DLL missing", func() string {
		dir := nodeFolder(t, "")
		writeFile(t, filepath.Join(dir, "dotnet"), "#!/bin/sh\n")
		if err := os.Chmod(filepath.Join(dir, "dotnet"), 0o700); err != nil {
			t.Fatal(err)
		}
		writeConfig(t, dir, `processPath=".\dotnet" arguments=".\Shop.dll"`)
		return dir
	}, "", "could not be started", "Shop.dll is not there")
	check("too slow", func() string {
		dir := nodeFolder(t, "")
		writeFile(t, filepath.Join(dir, "app.js"), "setInterval(()=>{},1000)")
		writeConfig(t, dir, `processPath="node" arguments="app.js" startupTimeLimit="1"`)
		return dir
	}, "", "could not be started", "startupTimeLimit, 1s")
	check("stdout log", func() string {
		dir := nodeFolder(t, `stdoutLogEnabled="true" stdoutLogFile=".\app.js\out"`)
		return dir
	}, "", "stdout log of the app cannot be written")
	t.Run("rapid fails reached", func(t *testing.T) {
		t.Parallel()
		s := runServe(t, 1, "--web-config="+nodeFolder(t, `rapidFailsPerMinute="0"`, "FAIL", "yes"))
		get(http.DefaultClient, s.url(0))
		for range 3 {
			get(http.DefaultClient, s.url(0))
		}
		s.untilSaid("rapidFailsPerMinute allows 0")
		if n := strings.Count(s.stderr(), "rapidFailsPerMinute allows"); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
	t.Run("configuration broken and mended while running", func(t *testing.T) {
		t.Parallel()
		dir := nodeFolder(t, "")
		s := runServe(t, 1, "--web-config="+dir)
		get(http.DefaultClient, s.url(0))
		writeFile(t, filepath.Join(dir, "web.config"), "<configuration>\n<oops")
		s.untilSaid("has changed")
		for status := 0; status != 500; {
			status, _ = get(http.DefaultClient, s.url(0))
		}
		if line := s.untilSaid("cannot be used"); !strings.Contains(line, "web.config:2") {
			t.Errorf("no line number: %s", line)
		}
		writeConfig(t, dir, `processPath="node" arguments="app.js"`)
		for body := ""; body != "served"; {
			_, body = get(http.DefaultClient, s.url(0))
		}
	})
	t.Run("app killed", func(t *testing.T) {
		t.Parallel()
		s := runServe(t, 1, "--web-config="+nodeFolder(t, `shutdownTimeLimit="1"`))
		get(http.DefaultClient, s.url(0))
		if code := s.end(syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code %d", code)
		}
		if !strings.Contains(s.stderr(), "has not ended within shutdownTimeLimit, 1s, and is killed") {
			t.Error(s.stderr())
		}
	})
	t.Run("quiet", func(t *testing.T) {
		t.Parallel()
		s := runServe(t, 1, "--quiet", "--web-config="+nodeFolder(t, ""))
		get(http.DefaultClient, s.url(0)+"exit")
		for status := 0; status != 200; {
			status, _ = get(http.DefaultClient, s.url(0))
		}
		if code := s.end(syscall.SIGTERM); code != exitOK || s.stderr() != "" {
			t.Errorf("exit code %d, said %q", code, s.stderr())
		}
	})
}

// The second signal ends serve at once, and nothing is left of it.
func TestServeEndsAtOnceAtTheSecondSignal(t *testing.T) {
	s := runServe(t, 1, "--web-config="+nodeFolder(t, `shutdownTimeLimit="600"`))
	get(http.DefaultClient, s.url(0))
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// It has begun to end once a new request is not answered by the app any more.
	for status := 200; status == 200; {
		status, _ = get(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, s.url(0))
	}
	if code := s.end(syscall.SIGTERM); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	left, _ := exec.Command("pgrep", "-f", "^node app.js$").Output()
	for _, pid := range strings.Fields(string(left)) {
		if cwd, err := os.Readlink("/proc/" + pid + "/cwd"); err == nil && cwd == s.folder() {
			t.Errorf("the app %s is left", pid)
		}
	}
}

func (s *servingCommand) folder() string {
	for _, a := range s.Args {
		if dir, ok := strings.CutPrefix(a, "--web-config="); ok {
			return dir
		}
	}
	return ""
}

func TestServeBelowAPath(t *testing.T) {
	onUnix(t)
	for _, model := range []string{"in-process", "out-of-process"} {
		t.Run("OP-12_"+model, func(t *testing.T) {
			s := runServe(t, 1, "--model="+model, "--path-base=/shop", "--quiet")
			root := strings.TrimSuffix(s.url(0), "/shop/")
			if root+"/shop/" != s.url(0) {
				t.Fatalf("the address lacks the path base: %s", s.lines[0])
			}
			for path, want := range map[string]string{
				"/shop/plaintext": "200 Hello, World!", "/SHOP/plaintext": "200 Hello, World!", "/shop/%70laintext": "200 Hello, World!",
				"/shopping": "404", "/": "404", "/plaintext": "404", "/shop/../plaintext": "404", "/%73hopping": "404",
			} {
				status, body := get(http.DefaultClient, root+path)
				if got := fmt.Sprint(status, " ", body); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %q, want %q", path, got, want)
				}
			}
			if _, body := get(http.DefaultClient, root+"/shop/whoami"); !strings.Contains(body, `"path_base": "/shop"`) || !strings.Contains(body, `"path": "/whoami"`) {
				t.Errorf("the app is told: %s", body)
			}
		})
	}
}

// authority issues certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{file: filepath.Join(t.TempDir(), name+".pem")}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	writeFile(t, a.file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return a
}

func (a *authority) issue(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "client"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Who has a certificate, and of whom, decides at the front; the app is shown it.
func TestServeClientCertificates(t *testing.T) {
	onUnix(t)
	known, unknown := newAuthority(t, "known"), newAuthority(t, "unknown")
	own := known.issue(t)
	shown := base64.StdEncoding.EncodeToString(own.Certificate[0])
	for _, mode := range []string{"accept", "require"} {
		for _, model := range []string{"in-process", "out-of-process"} {
			t.Run("OP-07_"+mode+"_"+model, func(t *testing.T) {
				site := filepath.Join(t.TempDir(), "site.pem")
				s := runServe(t, 2, "--model="+model, "--tls", "--certificate="+site, "--client-certificates="+mode, "--client-ca="+known.file, "--quiet")
				pool := x509.NewCertPool()
				b, err := os.ReadFile(site)
				if err != nil || !pool.AppendCertsFromPEM(b) {
					t.Fatal(err)
				}
				ask := func(protocol2 bool, certificates ...tls.Certificate) (int, string) {
					tr := &http.Transport{ForceAttemptHTTP2: protocol2, TLSClientConfig: &tls.Config{RootCAs: pool,
						GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
							if len(certificates) == 0 {
								return &tls.Certificate{}, nil
							}
							return &certificates[0], nil // also if the server names other issuers
						}}}
					defer tr.CloseIdleConnections()
					return get(&http.Client{Transport: tr}, s.url(1)+"whoami")
				}
				for _, h2 := range []bool{false, true} {
					if status, body := ask(h2, own); status != 200 || !strings.Contains(body, shown) {
						t.Errorf("with a certificate: %d %s", status, body)
					}
					if status, body := ask(h2, unknown.issue(t)); status != 0 {
						t.Errorf("with a stranger's: %d %s", status, body)
					}
					if status, _ := ask(h2); (status == 200) != (mode == "accept") {
						t.Errorf("without one: %d", status)
					}
				}
			})
		}
	}
}

// What went wrong with a program that was measured is in the results.
func TestRunKeepsEvents(t *testing.T) {
	dir := nodeFolder(t, "", "FAIL", "yes")
	out := filepath.Join(t.TempDir(), "run")
	c := exec.Command("ancmbench", "run", "--web-config="+dir, "--model=bare,out-of-process", "--launches=1", "--quiet", "--out="+out)
	said, err := c.CombinedOutput()
	if err == nil {
		t.Fatalf("a program that does not start was measured: %s", said)
	}
	if !strings.Contains(string(said), "; its last words:\n") || !strings.Contains(string(said), "\ncannot open Server=db;") {
		t.Errorf("the app's last words are missing: %s", said)
	}
	if strings.Contains(string(said), "hunter22") {
		t.Errorf("a secret is in its last words: %s", said)
	}
	run, err := ancmbench.ReadRun(out)
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if len(run.Events) == 0 {
		t.Fatalf("no events: %s", said)
	}
	for _, e := range run.Events {
		if e.Kind != "app-not-started" && e.Kind != "rapid-fails" || e.Target == "" || e.Time.IsZero() || e.Output != nil {
			t.Errorf("event %+v", e)
		}
	}
	if text := run.Events[0].Text; !strings.Contains(text, "exit status 3") {
		t.Errorf("text %q", text)
	}
}
