package wire

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ancmbench"
)

// recorded counts what was asked, by method, path and a field.
type recorded struct {
	mu   sync.Mutex
	seen map[string]int
}

func (r *recorded) note(q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[q.Method+" "+q.RequestURI+" "+q.Header.Get("X-Who")]++
}

// Each request has its own expectation and its own row of the variables.
func TestRequestsWithVariablesAndExpectations(t *testing.T) {
	asked := &recorded{seen: map[string]int{}}
	l := listen(t, "tcp", each(func(w io.Writer, r *http.Request) bool {
		asked.note(r)
		answer := "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
		if r.RequestURI == "/gone" {
			answer = "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
		}
		_, err := io.WriteString(w, answer)
		return err == nil
	}))
	target := at(l, "a")
	target.Workload.Requests = []ancmbench.Request{
		{Path: "/u/{{id}}", Header: []ancmbench.Field{{Name: "X-Who", Value: "{{id}}!"}}, Expect: &ancmbench.Expect{BodyContains: "ell"}},
		{Path: "/gone", Expect: &ancmbench.Expect{Statuses: []string{"302"}}},
	}
	target.Workload.Vars = &ancmbench.Vars{Names: []string{"id"}, Rows: [][]string{{"1"}, {"two words"}, {"3"}}}
	res := carry(t, nil, single(constant(300), time.Second, 4, target), nil)[0]
	if o := res.Outcomes; o.OK != 300 || o.Redirects < 100 || o.Varied != 0 {
		t.Errorf("%+v", o)
	}
	want := []string{"GET /gone ", "GET /u/1 1!", "GET /u/3 3!", "GET /u/two%20words two words!"}
	var seen []string
	for what, n := range asked.seen {
		seen = append(seen, what)
		if n < 20 {
			t.Errorf("%s was asked %d times", what, n)
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, want) {
		t.Errorf("the server was asked %q, want %q", seen, want)
	}
}

// A redirect that was not expected is a failure with its own count; nobody follows it.
func TestRedirectsAreCountedAndNotFollowed(t *testing.T) {
	elsewhere := make(chan struct{}, 1)
	other := listen(t, "tcp", func(net.Conn) {
		select {
		case elsewhere <- struct{}{}:
		default:
		}
	})
	l := listen(t, "tcp", say("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://"+other.Addr().String()+"/\r\nContent-Length: 0\r\n\r\n"))
	res := carry(t, nil, single(constant(200), 500*time.Millisecond, 4, at(l, "a")), nil)[0]
	if o := res.Outcomes; o.Redirects != 100 || o.Status[307] != 100 || o.OK != 0 {
		t.Errorf("%+v", o)
	}
	if f := res.Failures; len(f) != 1 || f[0].Cause != "status 307: a redirect, which is not followed" {
		t.Errorf("%+v", f)
	}
	select {
	case <-elsewhere:
		t.Error("the other server was asked")
	default:
	}
}

// A server that closes its connections is a finding, however it does it; one that was asked
// to close them is none.
func TestServerThatClosesIsCounted(t *testing.T) {
	const kept, said, old = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200 OK\r\n\r\nok"
	for _, c := range []struct {
		name, answer string
		ends, asks   bool
		want         bool
	}{
		{"kept", kept, false, false, false}, {"closes in silence", kept, true, false, true}, {"says so", said, true, false, true},
		{"HTTP/1.0", old, true, false, true}, {"was asked to", said, true, true, false},
	} {
		l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
			_, err := io.WriteString(w, c.answer)
			return err == nil && !c.ends
		}))
		target := at(l, "a")
		if c.asks {
			target.Workload.Requests[0].Header = []ancmbench.Field{{Name: "Connection", Value: "close"}}
		}
		res := carry(t, nil, single(constant(200), 500*time.Millisecond, 4, target), nil)[0]
		o := res.Outcomes
		if o.OK != 100 {
			t.Errorf("%s: %+v", c.name, o)
		}
		if least := int64(95); c.want && o.ServerClosed < least || o.ServerClosed > 100 || !c.want && o.ServerClosed != 0 {
			t.Errorf("%s: %d connections were closed by the server", c.name, o.ServerClosed)
		}
		warned := func(code ancmbench.WarningCode) bool {
			return slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == code })
		}
		if warned(ancmbench.WarnServerCloses) != c.want || warned(ancmbench.WarnConnectionsDiffer) {
			t.Errorf("%s: warnings %+v", c.name, res.Warnings)
		}
	}
}

// Answers that alternate are right, and noted.
func TestAlternatingBodiesAreNoted(t *testing.T) {
	var mu sync.Mutex
	n := 0
	l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
		mu.Lock()
		n++
		body := fmt.Sprint("body ", n%2)
		mu.Unlock()
		_, err := fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		return err == nil
	}))
	res := carry(t, nil, single(constant(200), 500*time.Millisecond, 4, at(l, "a")), nil)[0]
	if o := res.Outcomes; o.OK != 100 || o.Varied != 50 {
		t.Errorf("%+v", o)
	}
	if !slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnBodiesVary && w.Value == 0.5 }) {
		t.Errorf("%+v", res.Warnings)
	}
}

// A server of HTTP/2 without TLS begins with a frame before it was asked, or answers with
// one; either way the cause names it.
func TestHTTP2OnlyServerIsNamed(t *testing.T) {
	const settings = "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"
	for name, serve := range map[string]func(net.Conn){
		"speaks first": func(c net.Conn) {
			io.WriteString(c, settings)
			io.Copy(io.Discard, c)
		},
		"answers": func(c net.Conn) {
			c.Read(make([]byte, 1))
			io.WriteString(c, settings)
			io.Copy(io.Discard, c)
		},
	} {
		res := carry(t, nil, single(constant(100), 300*time.Millisecond, 4, at(listen(t, "tcp", serve), "a")), nil)[0]
		if f := res.Failures; len(f) != 1 || f[0].Cause != "the server speaks HTTP/2 only" || f[0].Kind != "malformed" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
