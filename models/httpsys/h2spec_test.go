package httpsys

import (
	"context"
	"encoding/xml"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// h2spec is the conformance test of HTTP/2 implementations, as a Go module.
const h2spec = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"

// TestH2Spec holds the HTTP/2 front against h2spec: nothing fails that does not
// fail on Go's own server as well.
func TestH2Spec(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: short")
	}
	tool := installH2Spec(t)
	front, err := New(Options{Kind: NetHTTP, H2C: true, Handler: HandlerFunc(greet)})
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	ours := listenH2(t)
	go front.Serve(ours)

	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	reference := &http.Server{Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "Hello, World!")
	})}
	defer reference.Close()
	theirs := listenH2(t)
	go reference.Serve(theirs)

	allowed := failures(t, tool, theirs.Addr())
	for name := range failures(t, tool, ours.Addr()) {
		if !allowed[name] {
			t.Errorf("fails on our front and not on Go's own server: %s", name)
		}
	}
	t.Logf("%d cases fail on Go's own server", len(allowed))
}

// greet reads the whole body and answers with a short one, as the reference does.
func greet(x *Exchange) {
	_, _ = io.Copy(io.Discard, x.Body())
	if x.WriteHead(http.StatusOK, nil, 13) == nil {
		_, _ = x.Write([]byte("Hello, World!"))
	}
}

func listenH2(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// installH2Spec builds the tool from the module proxy, or skips by name.
func installH2Spec(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "go", "install", h2spec)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("skipped: h2spec cannot be had here: %v: %s", err, out)
	}
	return filepath.Join(dir, "h2spec")
}

// failures runs every case and names those that fail.
func failures(t *testing.T, tool string, addr net.Addr) map[string]bool {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.xml")
	_, port, _ := net.SplitHostPort(addr.String())
	out, err := exec.Command(tool, "-h", "127.0.0.1", "-p", port, "-o", "1", "-j", report).CombinedOutput()
	text, readErr := os.ReadFile(report)
	if readErr != nil {
		t.Fatalf("h2spec: %v: %s", err, out)
	}
	var suites struct {
		Suites []struct {
			Package string `xml:"package,attr"`
			Cases   []struct {
				Name    string    `xml:"classname,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	failed, ran := map[string]bool{}, 0
	for _, s := range suites.Suites {
		for _, c := range s.Cases {
			ran++
			if c.Failure != nil {
				failed[s.Package+" "+c.Name] = true
			}
		}
	}
	if ran < 100 {
		t.Fatalf("h2spec ran %d cases only: %s", ran, out)
	}
	return failed
}
