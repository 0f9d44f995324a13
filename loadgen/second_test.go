package loadgen

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ancmbench"
)

// The quantiles of a second are those of its response times, to 2 %, whatever their size,
// and each request counts in the second in which it ended.
func TestQuantilesOfASecond(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Constant, 1000, ancmbench.Single, 1, 4*time.Second)), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	var took [3][]time.Duration
	for second, from := range []float64{5e3, 3e5, 2e8} {
		for range 2000 {
			d := time.Duration(from * math.Exp(rng.NormFloat64()))
			done := time.Duration(second)*time.Second + time.Duration(rng.IntN(1e9))
			r.Add(Record{Due: done - d, Sent: done - d, Done: done})
			took[second] = append(took[second], d)
		}
	}
	rows := r.Result().Series
	for second, ds := range took {
		slices.Sort(ds)
		for got, q := range map[*ancmbench.Seconds]float64{rows[second].P50: 0.5, rows[second].P99: 0.99} {
			want := ds[int(q*float64(len(ds)))-1]
			if got == nil || math.Abs(got.Float()/want.Seconds()-1) > 0.02 {
				t.Errorf("second %d: quantile %v is %v, want %v", second, q, got, want)
			}
		}
	}
}

// A quantile with fewer than ten response times beyond it is not given, and what was due in
// settle time does not count.
func TestTooFewInASecond(t *testing.T) {
	for _, c := range []struct {
		counted, settling int
		p50, p99          bool
	}{{19, 1000, false, false}, {20, 0, true, false}, {999, 5, true, false}, {1000, 0, true, true}} {
		r := NewRecorder(mustPlan(t, someLoad(ancmbench.Constant, 1000, ancmbench.Single, 1, time.Second)), 0)
		r.SliceBegin(r.plan.Segment(0), 0)
		for i := range c.counted + c.settling {
			r.Add(Record{Done: time.Millisecond, Settling: i >= c.counted})
		}
		if row := r.Result().Series[0]; (row.P50 != nil) != c.p50 || (row.P99 != nil) != c.p99 {
			t.Errorf("%d counted: p50 %v, p99 %v", c.counted, row.P50, row.P99)
		}
	}
}

// A second with too few requests for a p99 is put together with those before it, as few as it
// takes; one that has enough stands alone, and a tail of more than mostTail seconds is none.
func TestTailOfSeveralSeconds(t *testing.T) {
	fill := func(counts ...int) []ancmbench.SecondRow {
		var b bySecond
		b.prepare(len(counts))
		rows := make([]ancmbench.SecondRow, len(counts))
		for second, n := range counts {
			for i := range n { // second k has times of k ms, and above 98 % of 10 k ms
				d := time.Duration(second+1) * time.Millisecond
				if i >= n*98/100 {
					d *= 10
				}
				b.add(time.Duration(second)*time.Second, d)
			}
		}
		b.fill(rows)
		return rows
	}
	rows := fill(500, 400, 400, 0, 300, 2000)
	for i, want := range []struct {
		of   int
		tail time.Duration
	}{{0, 0}, {0, 0}, {3, 20 * time.Millisecond}, {0, 0}, {4, 30 * time.Millisecond}, {0, 60 * time.Millisecond}} {
		row := rows[i]
		if want.tail == 0 {
			if row.P99 != nil || row.P99Rows != 0 {
				t.Errorf("second %d has a p99 of %v from too few", i, row.P99)
			}
			continue
		}
		if row.P99 == nil || row.P99Rows != want.of || math.Abs(row.P99.Float()/want.tail.Seconds()-1) > 0.02 {
			t.Errorf("second %d: p99 %v of %d seconds, want %v of %d", i, row.P99, row.P99Rows, want.tail, want.of)
		}
	}
	thin := make([]int, mostTail+2)
	for i := range thin {
		thin[i] = 1000/mostTail + 1
	}
	if rows := fill(thin...); rows[mostTail-1].P99Rows != mostTail || rows[mostTail-2].P99 != nil {
		t.Errorf("of %d thin seconds: %+v", mostTail, rows[mostTail-1])
	}
	thin[5] = 0
	if rows := fill(thin...); rows[mostTail].P99 != nil {
		t.Errorf("a p99 of more than %d seconds: %+v", mostTail, rows[mostTail])
	}
}

// Every duration has a bucket that holds it, and the buckets ascend.
func TestBucketsOfASecond(t *testing.T) {
	last := -1
	for d := time.Duration(0); d < 2*time.Hour; d += d/97 + 1 {
		b := secondBucket(d)
		if b < last || b >= secondBuckets {
			t.Fatalf("%v lies in bucket %d after %d", d, b, last)
		}
		last = b
		if mid := secondMiddle(b); d > 4*time.Microsecond && d < time.Hour && math.Abs(float64(mid-d)) > 0.02*float64(d) {
			t.Fatalf("the middle of the bucket of %v is %v", d, mid)
		}
	}
	if secondBucket(-time.Second) != 0 {
		t.Error("a response time below zero is in no bucket")
	}
}

// Seconds after the last with quantiles have none, and no memory.
func TestSecondsWithoutQuantiles(t *testing.T) {
	var b bySecond
	b.prepare(10)
	b.add(mostQuantiles*time.Second, time.Millisecond)
	b.add(time.Duration(mostQuantiles-1)*time.Second, time.Millisecond)
	if len(b.counts) != mostQuantiles || b.counts[mostQuantiles-1] == nil {
		t.Errorf("%d seconds", len(b.counts))
	}
}

// What a warning says of a duration is written as everywhere else: three digits, and the unit
// after a space.
func TestDurationsOfWarnings(t *testing.T) {
	for d, want := range map[time.Duration]string{8_873_000: "8.87 ms", 179_400_000: "179 ms", 1_494_000_000: "1.49 s", 80 * time.Second: "1m20s", 470: "470 ns", 0: "0 s"} {
		if got := threeDigits(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
}
