package websocket

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ancmbench"
	"ancmbench/loadgen"
)

// serve starts a server whose socket answers each message with what reply makes
// of it; a nil answer closes the connection.
func serve(t *testing.T, reply func(n int, m []byte) []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(ancmbench.ModelHeader, "direct")
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		for n := 0; ; n++ {
			kind, m, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if m = reply(n, m); m == nil {
				return
			}
			if c.Write(r.Context(), kind, m) != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func same(_ int, m []byte) []byte { return m }

func loadOn(arrivals ancmbench.Arrivals, dealing ancmbench.DealingKind, addresses ...string) ancmbench.Load {
	l := ancmbench.Load{Arrivals: arrivals, Duration: ancmbench.Seconds(200 * time.Millisecond), Connections: 3,
		Dealing: ancmbench.Dealing{Kind: dealing, Slice: ancmbench.Seconds(50 * time.Millisecond), Settle: 0.1},
		Timeout: ancmbench.Seconds(5 * time.Second), Spin: loadgen.Idle}
	for i, a := range addresses {
		l.Targets = append(l.Targets, ancmbench.Target{Name: string(rune('a' + i)), Address: a,
			Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/ws", Body: []byte("hello")}}},
			Expect:   ancmbench.Expect{Status: 200, Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: "direct"}}}})
	}
	return l
}

// Whatever the law and the dealing: what is due is sent, comes back, and is counted
// once; edges surround the slices.
func TestRoundTrips(t *testing.T) {
	a, b := serve(t, same), serve(t, same)
	open := ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 500}
	for _, c := range []struct {
		name    string
		load    ancmbench.Load
		slices  int
		perEach int64 // 0 for a closed loop
	}{
		{"one target", loadOn(open, ancmbench.Single, a), 1, 100},
		{"slices", loadOn(open, ancmbench.Slices, a, b), 8, 100},
		{"duel", loadOn(open, ancmbench.Duel, a, b), 1, 100},
		{"closed loop", loadOn(ancmbench.Arrivals{Kind: ancmbench.Closed}, ancmbench.Slices, a, b), 8, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.load.Dealing.Kind != ancmbench.Slices {
				c.load.Dealing.Slice, c.load.Dealing.Settle = 0, 0
			}
			edges := 0
			results, err := new(Engine).Run(context.Background(), c.load, func(loadgen.Edge) { edges++ })
			if err != nil || len(results) != len(c.load.Targets) {
				t.Fatalf("%d results, %v", len(results), err)
			}
			if edges != c.slices+1 {
				t.Errorf("%d edges for %d slices", edges, c.slices)
			}
			for _, r := range results {
				o := r.Outcomes
				if o.OK == 0 || o.OK != o.Sent || o.Due != o.Sent || c.perEach > 0 && o.Sent != c.perEach {
					t.Errorf("%s: outcomes %+v, want %d", r.Target, o, c.perEach)
				}
				if n := r.Service.Count() + r.SettleService.Count(); n != o.Sent || r.FirstByte.Count() != r.Service.Count() {
					t.Errorf("%s: %d in the histograms of %d sent", r.Target, n, o.Sent)
				}
				if r.Void != "" || r.Engine != "websocket" {
					t.Errorf("%s: void %q, engine %q", r.Target, r.Void, r.Engine)
				}
			}
		})
	}
}

func TestFailuresAreCounted(t *testing.T) {
	open := ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 300}
	count := func(t *testing.T, load ancmbench.Load) (ancmbench.Outcomes, error) {
		t.Helper()
		results, err := new(Engine).Run(context.Background(), load, nil)
		if len(results) == 0 {
			t.Fatal(err)
		}
		return results[0].Outcomes, err
	}
	other := func(_ int, m []byte) []byte { return append([]byte("x"), m...) }
	if o, _ := count(t, loadOn(open, ancmbench.Single, serve(t, other))); o.WrongAnswer != o.Sent || o.Sent == 0 {
		t.Errorf("another answer: %+v", o)
	}
	closes := func(n int, m []byte) []byte {
		if n == 2 {
			return nil
		}
		return m
	}
	if o, _ := count(t, loadOn(open, ancmbench.Single, serve(t, closes))); o.ClosedEarly == 0 || o.OK == 0 || o.OK+o.ClosedEarly != o.Sent {
		t.Errorf("a server that closes: %+v", o)
	}
	wrong := loadOn(open, ancmbench.Single, serve(t, same))
	wrong.Targets[0].Expect.Header[0].Value = "in-process"
	if o, _ := count(t, wrong); o.WrongModel != o.Sent || o.Sent == 0 {
		t.Errorf("another model: %+v", o)
	}
	none := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(none.Close)
	load := loadOn(open, ancmbench.Single, none.Listener.Addr().String())
	load.MaxErrorShare = 0.1
	o, err := count(t, load)
	if !errors.Is(err, loadgen.ErrErrors) || o.Status[404] == 0 {
		t.Errorf("no socket: %+v, %v", o, err)
	}
}

func TestStoppedLoadKeepsItsResults(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	address := serve(t, func(n int, m []byte) []byte {
		if n == 1 {
			cancel()
			<-stuck
		}
		return m
	})
	load := loadOn(ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 300}, ancmbench.Single, address)
	load.Duration = ancmbench.Seconds(time.Minute)
	results, err := new(Engine).Run(ctx, load, nil)
	if !errors.Is(err, context.Canceled) || len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	o := results[0].Outcomes
	if o.Unfinished == 0 || o.Due != o.Sent+o.Shed || results[0].Void != ancmbench.VoidStopped {
		t.Errorf("%+v, void %q", o, results[0].Void)
	}
}

func TestTLSIsRefused(t *testing.T) {
	load := loadOn(ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 300}, ancmbench.Single, "127.0.0.1:1")
	if err := new(Engine).Supports(load); err != nil {
		t.Fatalf("without TLS: %v", err)
	}
	load.Targets[0].Scheme = "https"
	want := "target " + load.Targets[0].Name + ": only http/1.1 without TLS"
	if err := new(Engine).Supports(load); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("wss: %v, want %q", err, want)
	}
}
