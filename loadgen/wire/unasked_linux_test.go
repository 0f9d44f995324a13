package wire

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// TestSurplus: a connection on which more came than was asked for is not used
// again, since what follows on it answers nothing; and its answer does not count.
func TestSurplus(t *testing.T) {
	var opened atomic.Int64
	l := listen(t, "tcp", func(c net.Conn) {
		opened.Add(1)
		say(hello + "HTTP/1.1 200")(c)
	})
	r := carry(t, nil, single(constant(100), 100*time.Millisecond, 1, at(l, "a")), nil)[0]
	if o := r.Outcomes; o.Malformed != 10 || o.Unasked != 10 || opened.Load() != 10 {
		t.Errorf("%d connections: %+v", opened.Load(), o)
	}
	if want := []ancmbench.Failure{{Kind: "malformed", Cause: loadgen.Unasked, Count: 10}}; !slices.Equal(r.Failures, want) {
		t.Errorf("%+v, want %+v", r.Failures, want)
	}
}

// TestUnasked: however the bytes that nobody asked for are cut into packets, no more
// answers count than the server gave to requests, in either loop.
func TestUnasked(t *testing.T) {
	const none = "HTTP/1.1 204 No Content\r\n\r\n"
	for _, c := range []struct {
		name, method string
		pieces       []string // the last one goes out alone, once the first may be read
	}{
		{"two answers", "GET", []string{hello, hello}},
		{"a body behind 204", "GET", []string{none, "hello"}},
		{"a body behind HEAD", "HEAD", []string{hello[:len(hello)-5], "hello"}},
		{"more than Content-Length", "GET", []string{hello, "!"}},
	} {
		for _, closed := range []bool{false, true} {
			for _, pause := range []time.Duration{0, 300 * time.Microsecond} {
				t.Run(fmt.Sprint(c.name, ", closed ", closed, ", ", pause), func(t *testing.T) {
					t.Parallel()
					var asked atomic.Int64
					l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
						asked.Add(1)
						for _, p := range c.pieces {
							if _, err := io.WriteString(w, p); err != nil {
								return false
							}
							time.Sleep(pause)
						}
						return true
					}))
					load := single(constant(300), 200*time.Millisecond, 2, at(l, "a"))
					if closed {
						load.Arrivals = closedLoop()
					}
					load.Targets[0].Workload.Requests[0].Method = c.method
					for tries := 1; ; tries++ {
						asked.Store(0)
						r := carry(t, nil, load, nil)[0]
						o := r.Outcomes
						if o.OK <= asked.Load()/4 && o.Malformed > 0 && o.Unasked > 0 {
							break
						}
						if tries == 5 { // what comes after the load, on a machine that stood still, nobody sees
							t.Errorf("%d requests reached the server: %+v, %+v", asked.Load(), o, r.Failures)
							break
						}
					}
				})
			}
		}
	}
}

// TestServerSpeaksFirst: what a server says before a request was sent answers none, and the
// answer that comes later is one too many.
func TestServerSpeaksFirst(t *testing.T) {
	l := listen(t, "tcp", func(c net.Conn) {
		io.WriteString(c, hello)
		say(hello)(c)
	})
	for _, arrivals := range []ancmbench.Arrivals{constant(200), closedLoop()} {
		for tries := 1; ; tries++ {
			r := carry(t, nil, single(arrivals, 100*time.Millisecond, 2, at(l, "a")), nil)[0]
			o := r.Outcomes
			if o.OK <= o.Sent/4 && o.Malformed > 0 {
				break
			}
			if tries == 5 { // on a machine that stands still the last answer comes after the last look
				t.Errorf("%s: %+v, %+v", arrivals.Kind, o, r.Failures)
				break
			}
		}
	}
}

// TestIdleTimeout: the 408 with which a server ends an idle connection takes nothing back.
func TestIdleTimeout(t *testing.T) {
	l := listen(t, "tcp", after(func(c net.Conn) {
		io.WriteString(c, hello)
		time.Sleep(2 * time.Millisecond)
		io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	}))
	r := carry(t, nil, single(constant(50), 200*time.Millisecond, 1, at(l, "a")), nil)[0]
	// A request may cross it, on a machine that stood still.
	if o := r.Outcomes; o.OK < 5 || o.OK+o.Status[408] != 10 || o.Malformed+o.Unasked > 0 {
		t.Errorf("%+v, %+v", o, r.Failures)
	}
}

// TestConnectionClose: a request that says so ends its connection, whether the server
// closes it or not.
func TestConnectionClose(t *testing.T) {
	for _, value := range []string{"close", "Close", "x, close"} {
		var opened, asked atomic.Int64
		l := listen(t, "tcp", func(c net.Conn) {
			opened.Add(1)
			each(func(w io.Writer, _ *http.Request) bool {
				asked.Add(1)
				io.WriteString(w, hello)
				return true
			})(c)
		})
		target := at(l, "a")
		target.Workload.Requests[0].Header = []ancmbench.Field{{Name: "connection", Value: value}}
		r := carry(t, nil, single(constant(200), 100*time.Millisecond, 2, target), nil)[0]
		if r.Outcomes.OK != 20 || asked.Load() != 20 || opened.Load() != 20 {
			t.Errorf("%s: %d connections for %d requests: %+v", value, opened.Load(), asked.Load(), r.Outcomes)
		}
		if n := r.Connect.Count(); n < 18 || n > 20 {
			t.Errorf("%s: %d requests opened a connection, and 2 are there from the start", value, n)
		}
	}
}

// TestRequests: a closed loop ends after so many requests.
func TestRequests(t *testing.T) {
	for _, shards := range []int{1, 2} {
		for _, n := range []int64{1, 7, 500} {
			l := listen(t, "tcp", say(hello))
			load := single(closedLoop(), time.Hour, 3, at(l, "a"))
			load.Requests = n
			e := &Engine{Shards: shards}
			r := carry(t, e, load, nil)[0]
			if o := r.Outcomes; o.OK != n || o.Due != n || r.Busy.D() > time.Minute || r.Slices[0].Length.D() > time.Minute {
				t.Errorf("%d shards, %d requests: %+v in %v", shards, n, o, r.Busy)
			}
			load.Arrivals.Think = ancmbench.Seconds(time.Millisecond)
			if o := carry(t, e, load, nil)[0].Outcomes; o.OK != n {
				t.Errorf("%d shards, %d requests, with think time: %+v", shards, n, o)
			}
			e.Close()
		}
	}
}
