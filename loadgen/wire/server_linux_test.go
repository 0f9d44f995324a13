package wire

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// listen calls serve with each connection until the test ends.
func listen(t testing.TB, network string, serve func(net.Conn)) net.Listener {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = t.TempDir() + "/s"
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l
}

// each calls f with each request on a connection, and closes it when f says no.
func each(f func(w io.Writer, r *http.Request) bool) func(net.Conn) {
	return func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			if !f(c, r) {
				return
			}
		}
	}
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// say answers every request with the same bytes.
func say(answer string) func(net.Conn) {
	b := []byte(answer)
	return each(func(w io.Writer, _ *http.Request) bool {
		_, err := w.Write(b)
		return err == nil
	})
}

func at(l net.Listener, name string) ancmbench.Target {
	return ancmbench.Target{Name: name, Network: l.Addr().Network(), Address: l.Addr().String(),
		Workload: ancmbench.Workload{Name: "one", Requests: []ancmbench.Request{{Path: "/"}}}}
}

// single is a load on one target.
func single(a ancmbench.Arrivals, d time.Duration, connections int, t ancmbench.Target) ancmbench.Load {
	return ancmbench.Load{Arrivals: a, Dealing: ancmbench.Dealing{Kind: ancmbench.Single}, Duration: ancmbench.Seconds(d),
		Connections: connections, Timeout: ancmbench.Seconds(5 * time.Second), Targets: []ancmbench.Target{t}}
}

func constant(rate float64) ancmbench.Arrivals {
	return ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: rate}
}

func closedLoop() ancmbench.Arrivals { return ancmbench.Arrivals{Kind: ancmbench.Closed} }

// carry carries out a load with a new engine, and checks the laws that hold for
// every result.
func carry(t *testing.T, e *Engine, load ancmbench.Load, edge func(loadgen.Edge)) []ancmbench.Result {
	t.Helper()
	if e == nil {
		e = &Engine{}
		defer e.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	res, err := e.Run(ctx, load, edge)
	if err != nil {
		t.Fatal(err)
	}
	laws(t, load, res)
	return res
}

// laws hold for every result, however the load went.
func laws(t *testing.T, load ancmbench.Load, res []ancmbench.Result) {
	t.Helper()
	if len(res) != len(load.Targets) {
		t.Fatalf("%d results for %d targets", len(res), len(load.Targets))
	}
	for _, r := range res {
		o := r.Outcomes
		sum := o.OK + o.WrongModel + o.WrongAnswer + o.Refused + o.Reset + o.Timeout + o.Malformed + o.ClosedEarly + o.Failed + o.Unfinished
		for _, n := range o.Status {
			sum += n
		}
		if sum != o.Sent || o.Due != o.Sent+o.Shed {
			t.Errorf("%s: the outcomes do not add up: %+v", r.Target, o)
		}
		if n := r.Response.Count() + r.SettleResponse.Count(); n != o.Sent {
			t.Errorf("%s: %d response times of %d sent", r.Target, n, o.Sent)
		}
		var sent int64
		for _, s := range r.Slices {
			sent += s.Sent
		}
		if sent != o.Sent {
			t.Errorf("%s: %d sent by slices, %d in all", r.Target, sent, o.Sent)
		}
		if r.Engine != "wire" {
			t.Errorf("engine %q", r.Engine)
		}
	}
}
