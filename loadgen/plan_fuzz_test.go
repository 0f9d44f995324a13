package loadgen

import (
	"testing"
	"time"

	"ancmbench"
)

// Whatever load is accepted: segments follow each other in virtual time, what is
// due lies within its segment and ascends, and nothing is missing.
func FuzzPlan(f *testing.F) {
	f.Add(uint8(0), uint8(0), uint8(1), 1000.0, 2000.0, int64(time.Second), int64(50*time.Millisecond), uint64(1))
	f.Add(uint8(1), uint8(1), uint8(3), 0.5, 0.0, int64(10*time.Second), int64(time.Millisecond), uint64(2))
	f.Add(uint8(2), uint8(2), uint8(2), 0.0, 900.0, int64(333333333), int64(0), uint64(3))
	f.Add(uint8(3), uint8(1), uint8(2), 300.0, 0.0, int64(2*time.Second), int64(time.Second), uint64(4))
	kinds := []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Poisson, ancmbench.Ramp, ancmbench.Steps}
	dealings := []ancmbench.DealingKind{ancmbench.Single, ancmbench.Slices, ancmbench.Duel}
	f.Fuzz(func(t *testing.T, kind, dealing, k uint8, rate, other float64, length, slice int64, seed uint64) {
		if length > int64(20*time.Second) || rate > 5000 || other > 5000 || k > 8 {
			t.Skip("would take too long")
		}
		load := someLoad(kinds[kind%4], rate, dealings[dealing%3], int(k), time.Duration(length))
		load.Arrivals.RampTo, load.Arrivals.Random, load.Arrivals.Seed = other, seed%2 == 0, seed
		load.Arrivals.Steps = []ancmbench.Step{{Rate: rate, Duration: ancmbench.Seconds(length / 2)}, {Rate: other, Duration: ancmbench.Seconds(length / 3)}}
		load.Dealing.Slice, load.Dealing.Seed = ancmbench.Seconds(slice), seed
		p, err := NewPlan(load)
		if err != nil {
			return
		}
		virtual := map[int]time.Duration{}
		var n uint64
		var buf []Due
		for i := range p.Segments() {
			s := p.Segment(i)
			if s.Virtual != virtual[s.Target] || s.Length <= 0 {
				t.Fatalf("segment %+v begins at %v", s, virtual[s.Target])
			}
			virtual[s.Target] += s.Length
			buf = p.Dues(i, buf)
			n += uint64(len(buf))
			last := time.Duration(0)
			for _, d := range buf {
				if d.Offset < last || d.Offset >= s.Length || d.Target < 0 || d.Target >= int(k) {
					t.Fatalf("segment %+v: %+v after %v", s, d, last)
				}
				last = d.Offset
			}
		}
		if n != p.Total() {
			t.Fatalf("%d are due, and Total says %d", n, p.Total())
		}
	})
}
