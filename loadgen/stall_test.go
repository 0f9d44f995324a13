package loadgen

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench"
)

// connection is the smallest engine there can be: one connection, a server of
// known delays, and virtual time. It goes by Plan and Recorder alone.
func connection(p *Plan, delay func(nth int) time.Duration) *Recorder {
	return oneByOne(p, delay, false)
}

// lateGenerator is one that can send only after the delay of the request before: it
// has a free connection all the time, and is late by itself.
func lateGenerator(p *Plan, delay func(nth int) time.Duration) *Recorder {
	return oneByOne(p, delay, true)
}

func oneByOne(p *Plan, delay func(nth int) time.Duration, late bool) *Recorder {
	r := NewRecorder(p, 0)
	began := time.Now()
	now := func() time.Duration { return time.Since(began) }
	until := func(at time.Duration) {
		timer := time.NewTimer(at - now())
		<-timer.C
	}
	var epoch, drained time.Duration
	var dues []Due
	nth := 0
	for i := range p.Segments() {
		s := p.Segment(i)
		if s.First {
			epoch = p.Epoch(s, drained, 0)
			r.SliceBegin(s, epoch)
		}
		dues = p.Dues(i, dues)
		for _, d := range dues {
			rec := Record{Due: epoch + d.Offset, Settling: d.Settling, SentBytes: 10, ReceivedBytes: 20}
			until(rec.Due)
			rec.Sent = now()
			if !late {
				rec.Wait = rec.Sent - rec.Due // for the only connection
			}
			until(rec.Sent + delay(nth))
			nth++
			rec.Done = now()
			rec.FirstByte = rec.Done
			r.Add(rec)
		}
		epoch += s.Length
		if s.Drain {
			until(epoch)
			drained = now()
			r.SliceEnd(drained)
		}
	}
	return r
}

func near(t *testing.T, what string, got, want time.Duration, share float64) {
	t.Helper()
	if math.Abs(float64(got-want)) > share*float64(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func quantile(t *testing.T, h *ancmbench.Histogram, q float64) time.Duration {
	t.Helper()
	d, ok := h.Quantile(q)
	if !ok {
		t.Fatalf("no quantile %v of an empty histogram", q)
	}
	return d
}

// The classic of coordinated omission: 100 requests/s over 2 s, one connection,
// one answer takes 500 ms. 50 requests fall due meanwhile; they wait 500, 490,
// 480 ms and so on, and the response p99 of 200 is the third longest.
func TestStallInVirtualTime(t *testing.T) {
	for _, dealing := range []ancmbench.DealingKind{ancmbench.Single, ancmbench.Slices} {
		synctest.Test(t, func(t *testing.T) {
			load := someLoad(ancmbench.Constant, 100, dealing, 1, 2*time.Second)
			load.Connections = 1
			load.Dealing.Slice = ancmbench.Seconds(2 * time.Second)
			r := connection(mustPlan(t, load), func(nth int) time.Duration {
				if nth == 50 {
					return 500 * time.Millisecond
				}
				return 10 * time.Microsecond
			})
			res := r.Result()
			if n := res.Outcomes.OK; n != 200 {
				t.Fatalf("%d of 200 requests", n)
			}
			near(t, "response p99", quantile(t, res.Response, 0.99), 480*time.Millisecond, 0.025)
			near(t, "response max", res.Response.Max(), 500*time.Millisecond, 0.001)
			near(t, "response p50", quantile(t, res.Response, 0.50), 10*time.Microsecond, 0.001)
			near(t, "service p99", quantile(t, res.Service, 0.99), 10*time.Microsecond, 0.001)
			near(t, "service max", res.Service.Max(), 500*time.Millisecond, 0.001)
			// It was the server that was late, by what 49 requests waited for the connection.
			near(t, "wait max", res.Wait.Max(), 490*time.Millisecond, 0.001)
			if n := res.Wait.Count(); n < 49 || n > 50 || res.Lag.Count() != 200 || res.Lag.Max() > time.Microsecond {
				t.Errorf("%d requests waited, and the generator was late by %v: want 49, or 50 with the one that was due as it ended, and 0", n, res.Lag.Max())
			}
			if over := res.Response.CumulativeBelow(20 * time.Microsecond); math.Abs(over-0.75) > 0.01 {
				t.Errorf("a share of %v of the answers came at once, want 150 of 200", over)
			}
		})
	}
}

// A slice whose answers are late is not cut: what fell due is sent, the drain
// lasts as long as it takes, and the next slice begins a gap after it.
func TestSlowSliceIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := someLoad(ancmbench.Constant, 100, ancmbench.Slices, 1, 300*time.Millisecond)
		load.Dealing.Slice = ancmbench.Seconds(100 * time.Millisecond)
		load.Dealing.Gap = ancmbench.Seconds(7 * time.Millisecond)
		p := mustPlan(t, load)
		res := connection(p, func(nth int) time.Duration {
			if nth == 9 { // the last one of the first slice, due at 95 ms
				return 200 * time.Millisecond
			}
			return time.Millisecond
		}).Result()
		type row struct{ epoch, drain time.Duration }
		want := []row{{0, 195 * time.Millisecond}, {302 * time.Millisecond, 0}, {409 * time.Millisecond, 0}}
		if len(res.Slices) != len(want) {
			t.Fatalf("%d slices", len(res.Slices))
		}
		for i, s := range res.Slices {
			if s.Epoch.D() != want[i].epoch || s.Drain.D() != want[i].drain || s.Sent != 10 || s.Done != 10 {
				t.Errorf("slice %d: %+v, want %+v", i, s, want[i])
			}
		}
		if res.Busy.D() != 495*time.Millisecond {
			t.Errorf("busy %v, want 3 slices and a drain", res.Busy)
		}
		// The 200 ms are one request's: what came after has its own epoch.
		near(t, "response p90", quantile(t, res.Response, 0.9), time.Millisecond, 0.001)
	})
}
