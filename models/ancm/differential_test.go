package ancm

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// The differential test: raw bytes from a hostile client go through each front
// and forwarder to an origin that keeps what it gets. Three laws hold for every
// input, whatever the answer: the origin never sees /smuggled, and what arrives
// there means the same to this project's parser as to net/http's, and it carries
// our pairing token and nobody else's. Beyond the laws each input has its outcome, and every difference between the fronts, or
// from httputil.ReverseProxy, is a row of the table.

// endRequest follows every input. It gets an answer only if the front and the client
// agree where it begins.
const endRequest = "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

// keeper is an origin, or an app, that keeps the requests it gets.
type keeper struct {
	mu   sync.Mutex
	seen []string
	raw  []*bytes.Buffer
}

func (k *keeper) keep(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	s := fmt.Sprintf("%s %s %q", r.Method, r.RequestURI, body)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		return false // the app knows that it has not got all of it
	}
	k.seen = append(k.seen, s)
	return true
}

func (k *keeper) requests() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]string(nil), k.seen...)
}

// serve reads requests with net/http's parser and answers each.
func (k *keeper) serve(c net.Conn, _ *bufio.Reader) {
	raw := new(bytes.Buffer)
	k.mu.Lock()
	k.raw = append(k.raw, raw)
	k.mu.Unlock()
	r := bufio.NewReader(io.TeeReader(c, lockedWriter{&k.mu, raw}))
	for {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if strings.EqualFold(q.Header.Get("Expect"), "100-continue") {
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		}
		if !k.keep(q) {
			return
		}
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
			return
		}
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// ServeHTTP keeps a request in-process.
func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !k.keep(r) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// agree checks the second law: our strict parser cuts what the origin got into
// as many requests as net/http's did.
func (k *keeper) agree(t *testing.T) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, raw := range k.raw {
		rest := raw.Bytes()
		for len(rest) > 0 {
			end, _, err := http1.End(rest, 0)
			var r http1.Request
			if err == nil && end > 0 {
				err = r.Parse(rest[:end])
			}
			if err != nil || end == 0 {
				t.Errorf("the origin got what is no request: %v\n%q", err, rest)
				return
			}
			paired(t, r.Fields)
			var whole bool
			if rest, whole = skipBody(rest[end:], r.Length); whole {
				n++
			}
		}
	}
	if n != len(k.seen) {
		t.Errorf("%d whole requests by our parser, %d by net/http's: %q", n, len(k.seen), k.seen)
	}
}

// paired checks the third law: whatever the client called its fields, the origin
// gets one token, ours, and no other field of the module's.
func paired(t *testing.T, fields []http1.Field) {
	t.Helper()
	var ours []string
	for _, f := range fields {
		if f.Kind == http1.Module {
			ours = append(ours, strings.ToLower(string(f.Name))+": "+string(f.Value))
		}
	}
	if want := []string{"ms-aspnetcore-token: " + testToken}; !slices.Equal(ours, want) {
		t.Errorf("the origin got %q, want %q", ours, want)
	}
}

// skipBody returns what follows a body, and whether all of the body was there.
func skipBody(b []byte, length int64) (rest []byte, whole bool) {
	if length >= 0 {
		n := min(int(length), len(b))
		return b[n:], n == int(length)
	}
	var c http1.Chunked
	for !c.Done() {
		data, used, err := c.Next(b)
		b = b[used:]
		if err != nil || len(data) == 0 && !c.Done() {
			return nil, false
		}
	}
	end, _, _ := http1.End(b, 0)
	if end == 0 { // broken off, and with it the connection
		return nil, false
	}
	_, err := http1.Fields(nil, b[:end], 0)
	return b[end:], err == nil
}

// outcome sends the input, and returns the statuses of all answers and the requests
// that the origin got.
func outcome(t *testing.T, address, input string, k *keeper) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, input+endRequest) // a server may close before it has read all
	r := bufio.NewReader(c)
	var out []string
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			break
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		out = append(out, fmt.Sprint(resp.StatusCode))
	}
	for _, s := range k.requests() {
		out = append(out, "["+s+"]")
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, " ")
}

// startCase starts one front and model for one input.
func startCase(t *testing.T, kind, model string, late bool, k *keeper) string {
	patience := 10 * time.Second
	if late {
		patience = 150 * time.Millisecond
	}
	f := &Forwarder{}
	var h httpsys.Handler = f
	switch model {
	case "in-process":
		h = &InProcess{Handler: k}
	case "reverseproxy":
		f.Backends = Fixed(startOrigin(t, k.serve))
		h = NewReverseProxy(f)
	default:
		f.Backends = Fixed(startOrigin(t, k.serve))
	}
	return startFront(t, kind, h, func(o *httpsys.Options) {
		o.HeadTimeout, o.IdleTimeout = patience, patience
	})
}

func TestDifferential(t *testing.T) {
	eachModel(t, func(t *testing.T, model, kind string) {
		t.Parallel()
		for _, tc := range corpus {
			k := new(keeper)
			got := outcome(t, startCase(t, kind, model, tc.late, k), tc.input, k)
			if strings.Contains(got, "smuggled") && kind == httpsys.Lean {
				t.Errorf("%s: %s", tc.name, got)
			}
			if seen := len(k.requests()); seen > strings.Count(" "+got, " ")-seen {
				t.Errorf("%s: the app saw more requests than were answered: %s", tc.name, got)
			}
			if model != "in-process" {
				k.agree(t)
			}
			if want := tc.want(kind, model); !slices.Contains(strings.Split(want, " or "), got) {
				t.Errorf("%s:\n got %s\nwant %s", tc.name, got, want)
			}
		}
	})
}
