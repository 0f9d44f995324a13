package hostile_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
)

// Clients break off an upload behind every byte of it, with a FIN and with a reset, on
// every front of every model: no process ends, and the next client is served.
func TestBrokenOff(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess, ancmbench.Direct} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			h := host(t, model)
			c, base := h.client(t, "")
			if _, err := h.ask(c, base); err != nil {
				t.Fatal(err)
			}
			before := h.processes(t)
			for _, front := range siteFronts {
				c, base := h.client(t, front)
				for name, upload := range uploads(front) {
					step := 1
					if front == models.FrontTLS || front == "h2" {
						step = 7 // a handshake each
					}
					for at := 1; at <= len(upload); at += step {
						for _, reset := range []bool{false, true} {
							if err := h.breakOff(t, front, upload[:at], reset); err != nil {
								t.Fatalf("%s, front %q, behind %d bytes: %v", name, front, at, err)
							}
						}
						if at%10 == 0 || at+step > len(upload) {
							if _, err := h.ask(c, base); err != nil {
								t.Errorf("%s, front %q, behind %d bytes: the next client: %v", name, front, at, err)
							}
						}
					}
				}
			}
			if after := h.processes(t); !maps.Equal(before, after) {
				t.Errorf("processes %v before and %v afterwards", before, after)
			}
		})
	}
}

// Under load processes are killed and clients break off: each process that ends was
// killed, or is the app of a worker that was, and no client gets a wrong byte.
func TestKillsAndBrokenOff(t *testing.T) {
	kills, breaks := long("HOSTILE_KILLS", 20), long("HOSTILE_BREAKS", 100)
	seed := uint64(long("HOSTILE_SEED", 1))
	for i, roles := range [][]string{{models.RoleWorker}, {models.RoleWorker, models.RoleApp}} {
		model := []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess}[i]
		t.Run(string(model), func(t *testing.T) {
			h := host(t, model)
			l := newLoad(t, h)
			defer l.stop()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			l.wait(t, 20)
			before := h.processes(t)
			for range kills / 2 {
				for range max(1, breaks/kills) {
					front := siteFronts[random.IntN(len(siteFronts))]
					all := uploads(front)
					for _, upload := range all { // a map: any of them
						if err := h.breakOff(t, front, upload[:1+random.IntN(len(upload))], random.IntN(2) == 0); err != nil {
							t.Fatal(err)
						}
						break
					}
				}
				l.wait(t, 20)
				if now := h.processes(t); !maps.Equal(before, now) {
					t.Fatalf("processes %v, then %v, and none of them was killed; seed %d", before, now, seed)
				}
				role := roles[random.IntN(len(roles))]
				if err := h.Kill(t.Context(), role); err != nil {
					t.Fatal(err)
				}
				before = h.replaced(t, l, before, role)
			}
			l.wait(t, 20)
			l.stop()
			t.Logf("seed %d: %d right answers, %d with a status that a kill explains, %d broken", seed, l.right.Load(), l.refused.Load(), l.broken.Load())
		})
	}
}

// replaced waits until a process that was killed has a successor, and gives the
// processes then. With a worker goes its app.
func (h *hosted) replaced(t *testing.T, l *load, before map[string]int, role string) map[string]int {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		l.wait(t, 1)
		now := map[string]int{}
		if list, err := h.Processes(t.Context()); err == nil { // not while it restarts
			for _, p := range list {
				now[p.Role] = p.PID
			}
		}
		complete := len(now) == len(before)
		for r, pid := range now {
			if mayEnd := r == role || role == models.RoleWorker && r == models.RoleApp; (pid == before[r]) == mayEnd {
				complete = false
			}
		}
		if complete {
			return now
		}
		if time.Now().After(end) {
			t.Fatalf("%s was killed: processes %v, then %v", role, before, now)
		}
	}
}

// load are clients that ask all the time, on every front.
type load struct {
	right, refused, broken atomic.Int64
	cancel                 context.CancelFunc
	all                    sync.WaitGroup
}

func newLoad(t *testing.T, h *hosted) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{cancel: cancel}
	for i := range 16 {
		c, base := h.client(t, siteFronts[i%len(siteFronts)])
		l.all.Go(func() {
			for ctx.Err() == nil {
				switch status, err := h.ask(c, base); {
				case err == nil:
					l.right.Add(1)
				case status == 0:
					l.broken.Add(1)
				case status == 502 || status == 503:
					l.refused.Add(1)
				default:
					t.Errorf("front %s: %v", base, err)
				}
			}
		})
	}
	return l
}

// wait waits for so many more right answers.
func (l *load) wait(t *testing.T, n int64) {
	t.Helper()
	want := l.right.Load() + n
	for end := time.Now().Add(patience); l.right.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in %v there were %d right answers fewer than %d; %d refused, %d broken", patience, want-l.right.Load(), n, l.refused.Load(), l.broken.Load())
		}
	}
}

func (l *load) stop() {
	l.cancel()
	l.all.Wait()
}
