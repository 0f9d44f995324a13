//go:build clr && linux && amd64 && cgo

package clr

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench/models/ancm/clr/clrtest"
)

// bounce sends a request that is answered within its callback, and waits for the answer:
// two messages, one in each direction.
func (s *slots) bounce() bool {
	one := s.take()
	if one == nil {
		return false
	}
	one.tell(askRequest)
	for atomic.LoadUint32(u32(&one.c.over)) == 0 {
		s.wait(one)
	}
	s.give(one)
	return true
}

// bounceMany sends so many messages from so many goroutines, which pause as their seeds
// have it, so that both readers fall asleep at every point.
func bounceMany(t testing.TB, messages, goroutines int, pauses bool) {
	a := app(t)
	clrtest.Immediate(true)
	defer clrtest.Immediate(false)
	var sent atomic.Int64
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for sent.Add(2) <= int64(messages) {
				if !a.slots.bounce() {
					t.Error("no slot")
					return
				}
				switch {
				case !pauses:
				case random.IntN(50) == 0:
					time.Sleep(time.Duration(random.IntN(60)) * time.Microsecond)
				case random.IntN(5) == 0:
					runtime.Gosched()
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	for before := int64(-1); ; { // a wake-up that is lost stops all
		select {
		case <-done:
			return
		case <-time.After(time.Minute):
			now := sent.Load()
			if now == before {
				t.Fatalf("stopped after %d messages", now)
			}
			before = now
		}
	}
}

func TestMessages(t *testing.T) {
	clean(t)
	for _, goroutines := range []int{1, 3, 64} {
		bounceMany(t, 60_000, goroutines, true)
	}
}

// BenchmarkMessages takes a number of messages as its number of rounds: for 10^8 there is
// scripts/clr-messages.sh.
func BenchmarkMessages(b *testing.B) {
	app(b)
	b.ReportAllocs()
	b.ResetTimer()
	bounceMany(b, b.N, 16, false)
}
