package ancm

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

// The rest of a body that comes after the answer is not a request. It is neither
// forwarded nor answered, not even with a 400, which the client would take for the
// answer to its next request.
func TestRestOfBodyIsNoRequest(t *testing.T) {
	early := func(c net.Conn, r *bufio.Reader) {
		for {
			if _, err := readHead(r); err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}
	inProcess := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for _, tc := range []struct {
		name, rest string
		late       bool // sent when the client knows that the connection has ended
	}{
		{"no request", "no request at all\r\n\r\n", false},
		{"a request", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", false},
		{"late", "no request at all\r\n\r\n", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachModel(t, func(t *testing.T, model, kind string) {
				var h httpsys.Handler
				switch f := (&Forwarder{Backends: Fixed(startOrigin(t, early))}); model {
				case "in-process":
					h = &InProcess{Handler: inProcess}
				case "out-of-process":
					h = f
				default:
					h = NewReverseProxy(f)
				}
				sendRest(t, dial(t, startFront(t, kind, h, impatient)), tc.rest, tc.late)
			})
		})
	}
}

// impatient ends soon what waits for the rest of a body.
func impatient(o *httpsys.Options) { o.IdleTimeout = 300 * time.Millisecond }

func sendRest(t *testing.T, c net.Conn, rest string, late bool) {
	t.Helper()
	const first = "first"
	_, _ = io.WriteString(c, post("Content-Length: "+strconv.Itoa(len(first+rest))+"\r\n", first))
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(got) != "ok" || err != nil {
		t.Errorf("%s %q, %v", resp.Status, got, err)
	}
	if late {
		if b, err := r.ReadByte(); err != io.EOF {
			t.Errorf("the connection waits for the rest: %q, %v", b, err)
		}
	}
	_, _ = io.WriteString(c, rest) // the connection may be closed already
	_ = c.(interface{ CloseWrite() error }).CloseWrite()
	if more, _ := io.ReadAll(r); len(more) > 0 {
		t.Errorf("the rest of the body was answered: %q", more)
	}
}

// The same holds over TLS.
func TestRestOfBodyOverTLS(t *testing.T) {
	h := &InProcess{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
	c := tls.Client(dial(t, startFront(t, httpsys.NetHTTP, h, withTLS(selfsigned.Certificate(t)))), &tls.Config{InsecureSkipVerify: true})
	sendRest(t, c, "no request at all\r\n\r\n", true)
}
