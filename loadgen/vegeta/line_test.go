package vegeta

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
)

func rawLoad(arrivals ancmbench.Arrivals, length time.Duration, address string) ancmbench.Load {
	load := loadOf(arrivals.Kind, arrivals.Rate, ancmbench.Single, length)
	load.Targets = []ancmbench.Target{targetAt("a", address)}
	return load
}

var closedLoop = ancmbench.Arrivals{Kind: ancmbench.Closed}

// What comes later than an answer, and without a request, takes back the answers that
// may have been such bytes, and nothing of it goes into the program's log.
func TestUnasked(t *testing.T) {
	var noise bytes.Buffer
	log.SetOutput(&noise)
	defer log.SetOutput(io.Discard)
	for name, pieces := range map[string][]string{
		"two answers":                  {good, good},
		"more than its Content-Length": {good, "!"},
		"a body behind 204":            {"HTTP/1.1 204 No Content\r\nX-Ancm-Model: direct\r\n\r\n", "hello"},
	} {
		for _, arrivals := range []ancmbench.Arrivals{closedLoop, {Kind: ancmbench.Constant, Rate: 300}} {
			for _, pause := range []time.Duration{0, 300 * time.Microsecond} {
				var asked atomic.Int64
				address := rawServer(t, func(c *net.TCPConn, _ int) bool {
					asked.Add(1)
					for _, p := range pieces {
						if _, err := io.WriteString(c, p); err != nil {
							return false
						}
						time.Sleep(pause)
					}
					return true
				})
				load := rawLoad(arrivals, 200*time.Millisecond, address)
				load.Targets[0].Expect.Status, load.Targets[0].Expect.Statuses = 0, []string{"2xx"}
				for tries := 1; ; tries++ {
					asked.Store(0)
					results, err := new(Engine).Run(t.Context(), load, nil)
					if err != nil {
						t.Fatal(err)
					}
					balanced(t, results[0])
					o := results[0].Outcomes
					if o.OK <= asked.Load()/4 && o.Malformed > 0 && o.Unasked > 0 {
						break
					}
					if tries == 5 { // what comes after the load, on a machine that stood still, nobody sees
						t.Errorf("%s, %s, pause %v: %d requests reached the server: %+v, %+v", name, arrivals.Kind, pause, asked.Load(), o, results[0].Failures)
						break
					}
				}
			}
		}
	}
	if noise.Len() > 0 {
		t.Errorf("into the program's log went %.300s", noise.String())
	}
}

// Another protocol has no end: the answer is counted when its head is there, and the
// load ends in time and when it is stopped.
func TestSwitchingProtocols(t *testing.T) {
	var asked atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	address := rawServer(t, func(c *net.TCPConn, _ int) bool {
		if asked.Add(1) == 20 { // 10 of the first load, and more than are in flight of the second
			cancel()
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		return true
	})
	results, err := new(Engine).Run(t.Context(), rawLoad(ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 100}, 100*time.Millisecond, address), nil)
	if err != nil {
		t.Fatal(err)
	}
	if o := results[0].Outcomes; o.Status[101] != 10 {
		t.Errorf("%+v", o)
	}
	results, err = new(Engine).Run(ctx, rawLoad(closedLoop, time.Hour, address), nil)
	if !errors.Is(err, context.Canceled) || len(results) == 0 || results[0].Outcomes.Status[101] == 0 {
		t.Errorf("%v, %+v", err, results)
	}
}

// A request that says so ends its connection, whether the server closes it or not.
func TestConnectionClose(t *testing.T) {
	var opened atomic.Int64
	address := rawServer(t, func(c *net.TCPConn, nth int) bool {
		if nth == 1 {
			opened.Add(1)
		}
		io.WriteString(c, good)
		return true
	})
	load := rawLoad(ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 200}, 100*time.Millisecond, address)
	load.Targets[0].Workload.Requests[0].Header = []ancmbench.Field{{Name: "Connection", Value: "close"}}
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Outcomes.OK != 20 || opened.Load() != 20 || r.Connect.Count() < 10 {
		t.Errorf("%d connections, %d opened when needed, and 4 were there: %+v", opened.Load(), r.Connect.Count(), r.Outcomes)
	}
}

// A stall is what requests waited for a connection: the server's debt, no lag of the
// generator's. Response is the sum of wait, connect, lag and service.
func TestWaitIsNotLag(t *testing.T) {
	const stall = 400 * time.Millisecond
	var n atomic.Int64
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 10 {
			timer := time.NewTimer(stall)
			<-timer.C
		}
		hello(w, r)
	})
	load := loadOf(ancmbench.Constant, 50, ancmbench.Single, time.Second, s)
	load.Connections = 1
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	// 20 fell due within the stall; half of them waited for more than half of it.
	if r.Wait.Count() < 12 || r.Wait.Max() < stall/2 {
		t.Errorf("%d waited, %v at most", r.Wait.Count(), r.Wait.Max())
	}
	sum := func(h *ancmbench.Histogram) float64 { return h.Mean().Seconds() * float64(h.Count()) }
	parts := sum(r.Wait) + sum(r.Connect) + sum(r.Lag) + sum(r.Service)
	if whole := sum(r.Response); parts < whole*0.98 || parts > whole*1.02 {
		t.Errorf("the parts are %v s of %v s", parts, whole)
	}
	if !slices.ContainsFunc(r.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnWaited }) {
		t.Errorf("%+v", r.Warnings)
	}
}

// A closed loop ends after so many requests; and what it took to connect is in its
// response times, of a server that closes after each answer.
func TestRequestsAndConnects(t *testing.T) {
	address := rawServer(t, func(c *net.TCPConn, _ int) bool { io.WriteString(c, good); return false })
	load := rawLoad(closedLoop, time.Hour, address)
	load.Requests = 57
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	r := results[0]
	if r.Outcomes.OK != 57 || r.Busy.D() > time.Minute {
		t.Errorf("%+v in %v", r.Outcomes, r.Busy)
	}
	if r.Connect.Count() < 50 || r.Lag.Count() != 0 || r.Response.Mean() <= r.Service.Mean() {
		t.Errorf("%d connects, %d lags, response %v, service %v", r.Connect.Count(), r.Lag.Count(), r.Response.Mean(), r.Service.Mean())
	}
}
