//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench/models"
	"ancmbench/models/leavers"
	"ancmbench/models/leftovers"
)

// Clients that break off in every phase of a request, while others are served (IP-04): no
// crash, no wrong byte, and of none of them anything is left in the worker.
func inGone(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	p.again(t)
	worker := p.worker(t)
	clients := 1000
	if testing.Short() {
		clients = 100
	}
	quietAfter := func(clients int) leftovers.Holds {
		t.Helper()
		p.leave(t, clients)
		h, err := worker.Quiet()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	before := quietAfter(200) // fills caches
	after := quietAfter(clients)
	if err := leftovers.Leaks(before, after, 32<<20); err != nil {
		t.Error(err)
	}
	if _, body, _ := p.ask("/counts"); strings.HasSuffix(body, " gone 0") {
		t.Errorf("the app has seen nobody go: %s", body)
	}
}

// worker returns what asks the site's worker what it holds.
func (p *inProcess) worker(t *testing.T) leftovers.Worker {
	return leftovers.Worker{Counts: p.counts, Within: time.Minute,
		PID:     func() int { return pidOf(t, p.Site, models.RoleWorker) },
		EndIdle: p.client.Transport.(*http.Transport).CloseIdleConnections,
		Get: func(path string) (string, bool) {
			status, body, _ := p.ask(path)
			return body, status == http.StatusOK
		}}
}

// leave lets clients go in every phase of a request while four others compare what they get
// and the runtime collects.
func (p *inProcess) leave(t *testing.T, clients int) {
	t.Helper()
	p.ask("/collect/1")
	stop := make(chan struct{})
	var served sync.WaitGroup
	var good atomic.Int64
	for range 4 {
		served.Go(func() {
			want := strings.Repeat("x", 100_000)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if status, body, _ := p.ask("/big/100000"); status != 200 || body != want {
					t.Errorf("%d, %d bytes", status, len(body))
					return
				}
				good.Add(1)
			}
		})
	}
	breakOff(t, p.Address(), clients)
	close(stop)
	served.Wait()
	if good.Load() == 0 {
		t.Error("nobody was served")
	}
}

// breakOff lets clients go in every phase of a request.
func breakOff(t *testing.T, address string, clients int) {
	requests := []string{
		"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /big/3000000 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + strings.Repeat("e", 30000),
		"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x82\x82\x00\x00\x00\x00ab",
	}
	gate := make(chan struct{}, 32)
	var all sync.WaitGroup
	for i := range clients {
		gate <- struct{}{}
		all.Go(func() {
			defer func() { <-gate }()
			if err := leavers.Leave(address, requests, rand.New(rand.NewPCG(uint64(i), 7))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
