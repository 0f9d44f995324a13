package httpsys

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// h2spec is the conformance test of HTTP/2 implementations, as a Go module.
const h2spec = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"

// specDifferences are the cases in which our front and Go's own server differ, each
// with its reason; "worse" or "better" is our front's side. There is none today.
var specDifferences = map[string]struct{ side, why string }{}

// TestH2Spec holds the HTTP/2 front against h2spec, with Go's own server as the
// reference: each case in which they differ has its name in specDifferences. Some
// cases are a race between the tool and net/http, and fail on either in one run and
// pass in the next; so a case differs only if it does so again and again.
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

	us, them := portOf(ours), portOf(theirs)
	got, want := h2specRun(t, tool, us), h2specRun(t, tool, them)
	// As many as v2.2.1 has: with fewer, something was not asked.
	if len(got.ran) != 145 || len(want.ran) != 145 {
		t.Fatalf("h2spec ran %d cases on our front and %d on Go's own server, want 145", len(got.ran), len(want.ran))
	}
	for name := range want.ran {
		_, fails := got.failed[name]
		_, allowed := want.failed[name]
		differs := fails != allowed && stays(t, tool, name, us, fails) && stays(t, tool, name, them, allowed)
		side := map[bool]string{true: "worse", false: "better"}[fails]
		switch d, named := specDifferences[name]; {
		case differs && !named:
			t.Errorf("our front is %s than Go's own server, and no reason is named: %s: %s", side, name, got.failed[name]+want.failed[name])
		case differs && d.side != side:
			t.Errorf("our front is %s than Go's own server, not %s: %s", side, d.side, name)
		case !differs && named:
			t.Errorf("named as a difference, and is none: %s", name)
		}
	}
	for name := range specDifferences {
		if !want.ran[name] {
			t.Errorf("h2spec has no case %s", name)
		}
	}
	t.Logf("%d cases fail on our front, %d on Go's own server", len(got.failed), len(want.failed))
}

// stays reports whether a case ends in the same way six times more.
func stays(t *testing.T, tool, name, port string, fails bool) bool {
	spec, _, _ := strings.Cut(name, " ")
	for range 6 {
		again := h2specRun(t, tool, port, spec)
		if len(again.ran) != 1 {
			t.Fatalf("h2spec %s ran %d cases", spec, len(again.ran))
		}
		if (len(again.failed) == 1) != fails {
			return false
		}
	}
	return true
}

// TestH2SpecSeesFaults runs the same tool and reader on a server that is wrong on
// purpose: what shows no fault there shows nothing anywhere.
func TestH2SpecSeesFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: short")
	}
	tool := installH2Spec(t)
	l := listenH2(t)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveWrongly(c)
		}
	}()
	got := h2specRun(t, tool, portOf(l), "generic/1", "http2/6.7", "http2/8.1.2.3/1", "http2/8.1.2.3/2")
	for _, name := range []string{
		"http2/6.7/1 Sends a PING frame",
		"http2/6.7/3 Sends a PING frame with a stream identifier field value other than 0x0",
		"http2/8.1.2.3/2 Sends a HEADERS frame that omits \":method\" pseudo-header field",
	} {
		if _, failed := got.failed[name]; !failed {
			t.Errorf("the wrong server passes %s; failed: %q", name, got.failed)
		}
	}
	if len(got.failed) < 5 || len(got.failed) == len(got.ran) {
		t.Errorf("%d of %d cases fail on the wrong server: %q", len(got.failed), len(got.ran), got.failed)
	}
}

// serveWrongly answers every HEADERS with 200, whatever is in it, and answers no
// PING and nothing that HTTP/2 forbids.
func serveWrongly(c net.Conn) {
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(c, c)
	f.AllowIllegalReads = true
	if f.WriteSettings() != nil {
		return
	}
	for {
		frame, err := f.ReadFrame()
		if _, bad := err.(http2.ConnectionError); bad {
			continue
		}
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = f.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			// 0x88 is ":status: 200" in HPACK's static table.
			err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: frame.StreamID, BlockFragment: []byte{0x88}, EndStream: true, EndHeaders: true})
		}
		if err != nil {
			return
		}
	}
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

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
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
