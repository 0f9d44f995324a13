package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

var (
	_ loadgen.Engine = (*Engine)(nil)
	_ loadgen.Live   = (*Engine)(nil)
)

// TestOpenLoop: what the timetable holds is sent, all of it, at every number of
// shards, over both networks.
func TestOpenLoop(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		for _, shards := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d", network, shards), func(t *testing.T) {
				l := listen(t, network, say(hello))
				load := single(ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 2000, Seed: 3}, 500*time.Millisecond, 4, at(l, "a"))
				plan, err := loadgen.NewPlan(load)
				if err != nil {
					t.Fatal(err)
				}
				e := &Engine{Shards: shards}
				defer e.Close()
				r := carry(t, e, load, nil)[0]
				if want := int64(plan.Total()); r.Outcomes.OK != want {
					t.Errorf("%+v, want %d OK", r.Outcomes, want)
				}
				if got := r.BytesReceived; got != r.Outcomes.OK*int64(len(hello)) {
					t.Errorf("%d bytes received", got)
				}
				if done, failed := e.Counts(); done != r.Outcomes.Sent || failed != 0 {
					t.Errorf("live counts: %d, %d", done, failed)
				}
			})
		}
	}
}

// TestClosedLoop: requests in flight are never more than connections, and the
// think time keeps a connection from sending sooner.
func TestClosedLoop(t *testing.T) {
	var flying, most atomic.Int64
	l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
		n := flying.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		flying.Add(-1)
		io.WriteString(w, hello)
		return true
	}))
	const think = 10 * time.Millisecond
	for _, shards := range []int{1, 2} {
		e := &Engine{Shards: shards}
		load := single(closedLoop(), 300*time.Millisecond, 3, at(l, "a"))
		fast := carry(t, e, load, nil)[0].Outcomes
		load.Arrivals.Think = ancmbench.Seconds(think)
		slow := carry(t, e, load, nil)[0].Outcomes
		e.Close()
		if limit := int64(3 * (load.Duration.D()/think + 1)); slow.OK > limit || slow.OK < 3 || slow.OK != slow.Due {
			t.Errorf("%d shards: with think time %+v, at most %d fit", shards, slow, limit)
		}
		if fast.OK <= slow.OK || fast.OK != fast.Due {
			t.Errorf("%d shards: without think time %+v, with %+v", shards, fast, slow)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d in flight over 3 connections", most.Load())
	}
}

// TestSlices: one target at a time, with nothing in flight at the edges, in the
// plan's order, and settling requests recorded apart.
func TestSlices(t *testing.T) {
	for _, arrivals := range []ancmbench.Arrivals{constant(1000), closedLoop()} {
		for _, shards := range []int{1, 2} {
			t.Run(fmt.Sprint(arrivals.Kind, shards), func(t *testing.T) {
				var asked [2]atomic.Int64
				var load ancmbench.Load
				for i := range asked {
					l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
						asked[i].Add(1)
						time.Sleep(100 * time.Microsecond)
						io.WriteString(w, hello)
						return true
					}))
					load.Targets = append(load.Targets, at(l, fmt.Sprint("t", i)))
				}
				load.Arrivals, load.Connections, load.Duration = arrivals, 4, ancmbench.Seconds(200*time.Millisecond)
				load.Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(20 * time.Millisecond), Settle: 0.25, Gap: ancmbench.Seconds(3 * time.Millisecond), Seed: 7}
				var edges []loadgen.Edge
				var at0 [2]int64
				e := &Engine{Shards: shards}
				defer e.Close()
				res := carry(t, e, load, func(edge loadgen.Edge) {
					edges = append(edges, edge)
					for i := range asked {
						n := asked[i].Load()
						if edge.Target >= 0 && i != edge.Target && n != at0[i] {
							t.Errorf("edge %+v: target %d was asked too", edge, i)
						}
						at0[i] = n
					}
				})
				plan, _ := loadgen.NewPlan(load)
				if len(edges) != plan.Slices()+1 || edges[0].Slice != -1 || edges[0].Target != -1 {
					t.Fatalf("%d edges for %d slices: %+v", len(edges), plan.Slices(), edges[0])
				}
				for i, edge := range edges[1:] {
					if edge.Slice != i || edge.At.Before(edges[i].At) {
						t.Errorf("edge %d: %+v", i, edge)
					}
				}
				for i, r := range res {
					if r.Outcomes.OK != asked[i].Load() || r.Outcomes.OK != r.Outcomes.Due {
						t.Errorf("target %d was asked %d times: %+v", i, asked[i].Load(), r.Outcomes)
					}
					if r.Outcomes.Settled == 0 || r.Outcomes.Settled == r.Outcomes.Sent || r.SettleResponse.Count() != r.Outcomes.Settled {
						t.Errorf("settled: %+v", r.Outcomes)
					}
					if len(r.Slices) != 10 {
						t.Errorf("%d slices", len(r.Slices))
					}
				}
				overlap(t, res)
				rested(t, res, edges, load.Dealing.Gap)
			})
		}
	}
}

// overlap checks that no two slices share a moment.
func overlap(t *testing.T, res []ancmbench.Result) {
	t.Helper()
	type span struct{ from, to ancmbench.Seconds }
	spans := map[int]span{}
	for _, r := range res {
		for _, s := range r.Slices {
			spans[s.Index] = span{s.Epoch, s.Epoch + s.Length + s.Drain}
		}
	}
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			t.Errorf("slice %d begins at %v, before %d ends at %v", i, spans[i].from, i-1, spans[i-1].to)
		}
	}
}

// rested checks that counters could not be read before a gap after each drain.
func rested(t *testing.T, res []ancmbench.Result, edges []loadgen.Edge, gap ancmbench.Seconds) {
	t.Helper()
	for _, r := range res {
		for _, s := range r.Slices {
			at := ancmbench.Seconds(edges[s.Index+1].At.Sub(edges[0].At))
			if drained := s.Epoch + s.Length + s.Drain; at < drained+gap {
				t.Errorf("slice %d was drained at %v, and its counters could be read at %v: want %v between", s.Index, drained, at, gap)
			}
		}
	}
}

// TestDuel: both targets get one request of each group.
func TestDuel(t *testing.T) {
	for _, shards := range []int{1, 2} {
		a, b := listen(t, "tcp", say(hello)), listen(t, "tcp", say(hello))
		load := single(ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 500, Seed: 9}, 400*time.Millisecond, 4, at(a, "a"))
		load.Targets = append(load.Targets, at(b, "b"))
		load.Dealing.Kind = ancmbench.Duel
		var edges []loadgen.Edge
		e := &Engine{Shards: shards}
		res := carry(t, e, load, func(edge loadgen.Edge) { edges = append(edges, edge) })
		e.Close()
		if len(edges) != 2 || edges[1].Target != -1 || edges[1].Slice != 0 {
			t.Errorf("edges %+v", edges)
		}
		if x, y := res[0].Outcomes, res[1].Outcomes; x.OK != y.OK || x.OK == 0 || x.OK != x.Due {
			t.Errorf("%+v and %+v", x, y)
		}
	}
}

// TestMix: each request of a mix is sent, with its own bytes.
func TestMix(t *testing.T) {
	var mu sync.Mutex
	got := map[string]int{}
	l := listen(t, "tcp", func(c net.Conn) {
		each(func(w io.Writer, r *http.Request) bool {
			mu.Lock()
			got[fmt.Sprint(r.Method, " ", r.URL, " ", r.Host, " ", r.ContentLength, " ", r.Header.Get("X-A"))]++
			mu.Unlock()
			if r.Method == "HEAD" {
				io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			} else {
				io.WriteString(w, hello)
			}
			return true
		})(c)
	})
	target := at(l, "a")
	target.Host = "example.test"
	target.Workload.Requests = []ancmbench.Request{
		{Path: "/a?b=c", Weight: 2}, {Method: "POST", Path: "/p", Body: []byte("body")},
		{Method: "HEAD", Path: "/h", Header: []ancmbench.Field{{Name: "X-A", Value: "1"}}}}
	o := carry(t, nil, single(constant(1000), 300*time.Millisecond, 2, target), nil)[0].Outcomes
	if o.OK != 300 {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{"GET /a?b=c example.test 0 ", "POST /p example.test 4 ", "HEAD /h example.test 0 1"} {
		if got[want] < 30 {
			t.Errorf("%q: %d times, in %v", want, got[want], got)
		}
	}
	if len(got) != 3 {
		t.Errorf("%v", got)
	}
}

// TestKeepAlive: connections outlive slices and runs, and are looked at before
// each run.
func TestKeepAlive(t *testing.T) {
	var mu sync.Mutex
	conns := []net.Conn{}
	l := listen(t, "tcp", func(c net.Conn) {
		mu.Lock()
		conns = append(conns, c)
		mu.Unlock()
		say(hello)(c)
	})
	e := &Engine{}
	defer e.Close()
	load := single(constant(500), 100*time.Millisecond, 3, at(l, "a"))
	for range 3 {
		if o := carry(t, e, load, nil)[0].Outcomes; o.OK != 50 {
			t.Fatalf("%+v", o)
		}
	}
	opened := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(conns)
	}
	if n := opened(); n != 3 {
		t.Errorf("%d connections for 3 runs over 3", n)
	}
	mu.Lock()
	for _, c := range conns {
		c.Close()
	}
	mu.Unlock()
	if o := carry(t, e, load, nil)[0].Outcomes; o.OK != 50 || o.Stale != 0 {
		t.Errorf("after the server closed all: %+v", o)
	}
	if n := opened(); n != 6 {
		t.Errorf("%d connections, want 6", n)
	}
}

// TestBacklog: a stall makes requests wait, and their wait is response time;
// beyond the bound they are shed and counted.
func TestBacklog(t *testing.T) {
	const stall = 200 * time.Millisecond
	stalling := func() net.Listener {
		var first sync.Once
		return listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
			first.Do(func() { time.Sleep(stall) })
			io.WriteString(w, hello)
			return true
		}))
	}
	load := single(constant(1000), 400*time.Millisecond, 1, at(stalling(), "a"))
	r := carry(t, nil, load, nil)[0]
	if r.Outcomes.OK != 400 {
		t.Errorf("%+v", r.Outcomes)
	}
	// Of the 400 due, those due within the stall waited for its rest: 100 of them
	// for more than half of it, however slow the machine.
	if over := (1 - r.Response.CumulativeBelow(stall/2)) * 400; over < 95 {
		t.Errorf("%.0f requests waited for more than %v", over, stall/2)
	}
	if q, _ := r.Service.Quantile(0.5); q > stall/4 {
		t.Errorf("service p50 %v: the wait is not the server's", q)
	}
	load.Targets[0], load.Backlog = at(stalling(), "a"), 10
	o := carry(t, nil, load, nil)[0].Outcomes
	if o.Shed < 100 || o.OK+o.Shed != 400 {
		t.Errorf("with a bound of 10: %+v", o)
	}
}

// TestCancel: the context ends a run soon, what is in flight counts as
// unfinished, and what was due and waited as shed.
func TestCancel(t *testing.T) {
	for _, arrivals := range []ancmbench.Arrivals{constant(200), closedLoop()} {
		for _, shards := range []int{1, 2} {
			ctx, cancel := context.WithCancel(t.Context())
			release := make(chan struct{})
			var asked atomic.Int64
			l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
				if asked.Add(1) == 2 {
					time.AfterFunc(100*time.Millisecond, cancel)
				}
				<-release
				return false
			}))
			e := &Engine{Shards: shards}
			load := single(arrivals, time.Hour, 2, at(l, "a"))
			began := time.Now()
			res, err := e.Run(ctx, load, nil)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			laws(t, load, res)
			o := res[0].Outcomes
			if o.Unfinished != 2 || o.Sent != 2 || arrivals.Open() && o.Shed < 5 {
				t.Errorf("%s: %+v", arrivals.Kind, o)
			}
			if age := res[0].Response.Max(); age < 100*time.Millisecond {
				t.Errorf("unfinished requests entered at %v", age)
			}
			close(release)
			e.Close()
		}
	}
}

// TestCancelled: a context that has ended ends the run before it begins, and
// the engine can be used again.
func TestCancelled(t *testing.T) {
	l := listen(t, "tcp", say(hello))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := &Engine{Shards: 2}
	defer e.Close()
	load := single(constant(100), 100*time.Millisecond, 2, at(l, "a"))
	res, err := e.Run(ctx, load, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	laws(t, load, res)
	if o := carry(t, e, load, nil)[0].Outcomes; o.OK != 10 {
		t.Errorf("%+v", o)
	}
}

// TestMaxErrorShare: errors past the bound end the load.
func TestMaxErrorShare(t *testing.T) {
	for _, shards := range []int{1, 2} {
		var n atomic.Int64
		l := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
			if n.Add(1) > 200 {
				io.WriteString(w, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
			} else {
				io.WriteString(w, hello)
			}
			return true
		}))
		load := single(constant(1000), time.Hour, 4, at(l, "a"))
		load.MaxErrorShare = 0.2
		e := &Engine{Shards: shards}
		res, err := e.Run(t.Context(), load, nil)
		e.Close()
		if !errors.Is(err, loadgen.ErrErrors) {
			t.Fatalf("error %v", err)
		}
		laws(t, load, res)
		if o := res[0].Outcomes; o.OK < 190 || o.Status[503] < 40 || o.Status[503] > 70 {
			t.Errorf("%+v", o)
		}
	}
}

func TestSupports(t *testing.T) {
	ok := ancmbench.Target{Name: "a", Address: "127.0.0.1:1", Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
	check := func(word string, change func(*ancmbench.Target)) {
		t.Helper()
		target := ok
		target.Workload.Requests = []ancmbench.Request{{Path: "/"}}
		change(&target)
		err := (&Engine{}).Supports(ancmbench.Load{Targets: []ancmbench.Target{target}})
		if (err == nil) != (word == "") || err != nil && !strings.Contains(err.Error(), word) {
			t.Errorf("error %v, want %q", err, word)
		}
	}
	check("", func(*ancmbench.Target) {})
	check("TLS", func(t *ancmbench.Target) { t.Scheme = "https" })
	check("HTTP/2", func(t *ancmbench.Target) { t.Protocol = "h2c" })
	check("CONNECT", func(t *ancmbench.Target) { t.Workload.Requests[0].Method = "CONNECT" })
	check("made from", func(t *ancmbench.Target) {
		t.Workload.Requests[0].Header = []ancmbench.Field{{Name: "HOST", Value: "x"}}
	})
}
