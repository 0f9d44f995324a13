package wire

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"ancmbench"
)

// clients starts a server that counts the requests of each connection.
func clients(t *testing.T) (target ancmbench.Target, seen func() map[string]int) {
	var mu sync.Mutex
	by := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		by[r.RemoteAddr]++
		mu.Unlock()
	}))
	t.Cleanup(s.Close)
	target = ancmbench.Target{Name: "a", Address: s.Listener.Addr().String(),
		Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
	return target, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return by
	}
}

// In turn, every connection is used at any rate; else a slow stream stays on few,
// unless the machine stands still until as many requests are due as there are
// connections: not each time.
func TestSpreadUsesAllConnections(t *testing.T) {
	const connections, requests = 20, 200
	used := func(spread bool) int {
		target, seen := clients(t)
		e := &Engine{Shards: 1}
		load := single(constant(400), 500*time.Millisecond, connections, target)
		load.Spread = spread
		r := carry(t, e, load, nil)[0]
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if r.Outcomes.OK != requests {
			t.Fatalf("spread %v: %+v", spread, r.Outcomes)
		}
		return len(seen())
	}
	if n := used(true); n != connections {
		t.Errorf("in turn %d of %d connections were used", n, connections)
	}
	for range 10 {
		if used(false) < connections {
			return
		}
	}
	t.Errorf("not in turn, and yet all %d connections were used each time", connections)
}

// A request that asks to close gets a connection of its own, and nobody is warned
// of what was asked for.
func TestNewConnectionPerRequest(t *testing.T) {
	target, seen := clients(t)
	target.Workload.Requests[0].Header = []ancmbench.Field{{Name: "Connection", Value: "close"}}
	e := &Engine{Shards: 1}
	defer e.Close()
	r := carry(t, e, single(constant(200), 500*time.Millisecond, 4, target), nil)[0]
	if o := r.Outcomes; o.OK != 100 || len(seen()) != 100 {
		t.Errorf("%d connections for %+v", len(seen()), o)
	}
	warned := func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnConnectionsDiffer }
	if slices.ContainsFunc(r.Warnings, warned) {
		t.Errorf("warned of %+v", r.Warnings)
	}
}
