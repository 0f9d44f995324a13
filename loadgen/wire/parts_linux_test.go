package wire

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench"
)

func sum(h *ancmbench.Histogram) float64 { return h.Mean().Seconds() * float64(h.Count()) }

// parts checks that a response time is the sum of its parts.
func parts(t *testing.T, r ancmbench.Result) {
	t.Helper()
	got, want := sum(r.Wait)+sum(r.Connect)+sum(r.Lag)+sum(r.Service), sum(r.Response)
	if got < want*0.98 || got > want*1.02 {
		t.Errorf("wait %v, connect %v, lag %v and service %v are %v s of %v s", sum(r.Wait), sum(r.Connect), sum(r.Lag), sum(r.Service), got, want)
	}
}

func warnedOf(r ancmbench.Result, codes ...ancmbench.WarningCode) bool {
	return slices.ContainsFunc(r.Warnings, func(w ancmbench.Warning) bool { return slices.Contains(codes, w.Code) })
}

// TestWaitIsNotLag: what requests wait for a connection, because the server stands still,
// is the server's debt; and the two connections that are too few for a slow server are named.
func TestWaitIsNotLag(t *testing.T) {
	const stall = 400 * time.Millisecond
	var first sync.Once
	l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
		first.Do(func() { time.Sleep(stall) })
		io.WriteString(w, hello)
		return true
	}))
	r := carry(t, nil, single(constant(50), time.Second, 1, at(l, "a")), nil)[0]
	// 20 fell due within the stall.
	if r.Wait.Count() < 12 || r.Wait.Max() < stall/2 {
		t.Errorf("%d waited, %v at most; lag %v on average", r.Wait.Count(), r.Wait.Max(), r.Lag.Mean())
	}
	parts(t, r)
	if !warnedOf(r, ancmbench.WarnWaited) {
		t.Errorf("%+v", r.Warnings)
	}
	slow := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, hello)
		return true
	}))
	r = carry(t, nil, single(constant(200), 300*time.Millisecond, 2, at(slow, "a")), nil)[0]
	i := slices.IndexFunc(r.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnFewConnections })
	if i < 0 || r.Warnings[i].Value < 10 || r.Warnings[i].Bound != 2 {
		t.Errorf("200/s of 50 ms keep 10 connections busy: %+v", r.Warnings)
	}
	parts(t, r)
}

// TestConnects: of a server that closes after each answer, a closed loop has the time to
// connect in its response times and apart, no lag, and no doubt of Little's law.
func TestConnects(t *testing.T) {
	for name, answer := range map[string]string{"without a word": hello, "and says so": strings.Replace(hello, "\r\n", "\r\nConnection: close\r\n", 1)} {
		l := listen(t, "tcp", after(func(c net.Conn) { io.WriteString(c, answer) }))
		r := carry(t, nil, single(closedLoop(), 500*time.Millisecond, 8, at(l, "a")), nil)[0]
		if n := r.Connect.Count(); n < r.Outcomes.Sent/2 || r.Lag.Count() != 0 || r.Response.Mean() <= r.Service.Mean() {
			t.Errorf("%s: %d of %d connected; lag of %d; response %v, service %v", name, n, r.Outcomes.Sent, r.Lag.Count(), r.Response.Mean(), r.Service.Mean())
		}
		parts(t, r)
		if warnedOf(r, ancmbench.WarnLittle) {
			t.Errorf("%s: %+v", name, r.Warnings)
		}
	}
}

// TestSamplesDoNotKeepStep: the instants at which requests in flight are counted fall evenly
// into every period that evenly spaced requests may have, and all shards draw the same.
func TestSamplesDoNotKeepStep(t *testing.T) {
	const n = 20_000
	for _, period := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond} {
		var s, other shard
		var phases [10]int
		for range n {
			s.nextSample()
			other.nextSample()
			phases[10*(s.sample%period)/period]++
		}
		for i, k := range phases {
			if k < n/10*9/10 || k > n/10*11/10 { // 4.7 standard deviations
				t.Errorf("%d of %d samples in tenth %d of %v", k, n, i, period)
			}
		}
		if mean := s.sample / n; mean < sampleEvery*99/100 || mean > sampleEvery*101/100 || s.sample != other.sample {
			t.Errorf("one sample in %v, by another shard in %v", mean, other.sample/n)
		}
	}
}

// TestFailuresAreNamed: each failure is counted under its cause.
func TestFailuresAreNamed(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for _, c := range []struct {
		serve func(net.Conn)
		want  ancmbench.Failure
	}{
		{nil, ancmbench.Failure{Kind: "refused", Cause: "connection refused"}},
		{after(reset), ancmbench.Failure{Kind: "reset", Cause: "connection reset"}},
		{say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), ancmbench.Failure{Kind: "status", Cause: "status 404"}},
		{say("HTTP/1.1 200 OK\nContent-Length: 0\n\n"), ancmbench.Failure{Kind: "malformed", Cause: "a line without CRLF"}},
		{say("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"), ancmbench.Failure{Kind: "malformed", Cause: "no field line"}},
	} {
		l := net.Listener(gone)
		if c.serve != nil {
			l = listen(t, "tcp", c.serve)
		}
		c.want.Count = 20
		if got := carry(t, nil, single(constant(200), 100*time.Millisecond, 2, at(l, "a")), nil)[0].Failures; !slices.Equal(got, []ancmbench.Failure{c.want}) {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}
