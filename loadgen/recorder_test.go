package loadgen

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ancmbench"
)

// someRecords makes ended requests of every kind within a slice.
func someRecords(n int) []Record {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []Record
	for i := range n {
		due := time.Duration(i) * time.Millisecond
		r := Record{Due: due, Sent: due + time.Duration(rng.IntN(1e5)), Outcome: Outcome(rng.IntN(int(outcomes))),
			Status: 500 + rng.IntN(3), Settling: rng.IntN(10) == 0, Stale: rng.IntN(20) == 0, SentBytes: 3, ReceivedBytes: 5}
		r.Done = r.Sent + time.Duration(rng.IntN(1e7))
		if r.Outcome.whole() {
			r.FirstByte = r.Done - 1
		}
		out = append(out, r)
	}
	return out
}

func checkOutcomes(t *testing.T, res ancmbench.Result) {
	t.Helper()
	o := res.Outcomes
	if o.Due != o.Shed+o.Sent {
		t.Errorf("due %d, shed %d, sent %d", o.Due, o.Shed, o.Sent)
	}
	sum := o.OK + o.WrongModel + o.WrongAnswer + o.Refused + o.Reset + o.Timeout + o.Malformed + o.ClosedEarly + o.Failed + o.Unfinished
	for _, n := range o.Status {
		sum += n
	}
	if sum != o.Sent {
		t.Errorf("the endings of %d requests add up to %d", o.Sent, sum)
	}
	if n := res.Service.Count() + res.SettleService.Count(); n != o.Sent {
		t.Errorf("%d service times of %d requests", n, o.Sent)
	}
}

func TestOutcomesAddUp(t *testing.T) {
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Constant, 1000, ancmbench.Single, 1, 4*time.Second)), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	records := someRecords(4000)
	for _, rec := range records {
		r.Add(rec)
	}
	r.Shed(7)
	r.SliceEnd(4100 * time.Millisecond)
	res := r.Result()
	checkOutcomes(t, res)
	if o := res.Outcomes; o.Due != 4007 || o.Shed != 7 || len(o.Status) != 3 || o.Stale == 0 || o.Settled == 0 {
		t.Errorf("%+v", o)
	}
	if res.BytesSent != 12000 || res.BytesReceived != 20000 || res.Busy.D() != 4100*time.Millisecond {
		t.Errorf("bytes %d and %d, busy %v", res.BytesSent, res.BytesReceived, res.Busy)
	}
	var sent, done, errors int64
	for i, s := range res.Series {
		if s.At.D() != time.Duration(i)*time.Second {
			t.Errorf("row %d at %v", i, s.At)
		}
		sent, done, errors = sent+s.Sent, done+s.Done, errors+s.Errors
	}
	if sent != 4000 || errors != 4000-res.Outcomes.OK || done != res.Slices[0].Done {
		t.Errorf("the series has %d sent, %d done, %d errors", sent, done, errors)
	}
}

// Shards that are merged tell the same as one that saw everything.
func TestMergeEqualsOneRecorder(t *testing.T) {
	p := mustPlan(t, someLoad(ancmbench.Constant, 1000, ancmbench.Single, 1, 4*time.Second))
	one := NewRecorder(p, 0)
	shards := []*Recorder{NewRecorder(p, 0), NewRecorder(p, 0), NewRecorder(p, 0)}
	for _, r := range append(slices.Clone(shards), one) {
		r.SliceBegin(p.Segment(0), time.Millisecond)
	}
	for i, rec := range someRecords(4000) {
		one.Add(rec)
		shards[i%3].Add(rec)
	}
	for i, r := range append(slices.Clone(shards), one) {
		r.Shed(1)
		r.SliceEnd(4900*time.Millisecond + min(time.Duration(i), 2)*50*time.Millisecond)
	}
	one.Shed(2)
	for _, s := range shards[1:] {
		shards[0].Merge(s)
	}
	g := Generator{Elapsed: 5 * time.Second, Threads: 1}
	texts := make([]string, 2)
	for i, r := range []*Recorder{one, shards[0]} {
		res := r.Result()
		r.Check(&res, g)
		b, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	if texts[0] != texts[1] {
		t.Errorf("one:    %.2000s\nmerged: %.2000s", texts[0], texts[1])
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Poisson, 1000, ancmbench.Single, 1, time.Minute)), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	records := someRecords(5000)
	for _, rec := range records {
		r.Add(rec) // the three statuses are seen
	}
	i := 0
	if n := testing.AllocsPerRun(4000, func() { r.Add(records[i]); i++ }); n != 0 {
		t.Errorf("%v allocations per record", n)
	}
}

// Halves and stretches are of the target's own time: what lies between its
// slices does not count.
func TestHalvesUseVirtualTime(t *testing.T) {
	load := someLoad(ancmbench.Constant, 1000, ancmbench.Slices, 1, 2*time.Second)
	load.Dealing.Slice = ancmbench.Seconds(100 * time.Millisecond)
	load.Dealing.Gap = ancmbench.Seconds(time.Second)
	p := mustPlan(t, load)
	r := NewRecorder(p, 0)
	for i := range p.Segments() {
		s := p.Segment(i)
		r.SliceBegin(s, s.Start)
		for _, d := range p.Dues(i, nil) {
			due := s.Start + d.Offset
			service := time.Millisecond
			if s.Virtual >= time.Second {
				service *= 2
			}
			r.Add(Record{Due: due, Sent: due, Done: due + service})
		}
		r.SliceEnd(s.Start + s.Length)
	}
	for half, want := range []time.Duration{time.Millisecond, 2 * time.Millisecond} {
		h := &r.response[half]
		if h.Count() != 1000 || h.Min().Round(10*time.Microsecond) != want || h.Max().Round(10*time.Microsecond) != want {
			t.Errorf("half %d: %d requests, %v to %v", half, h.Count(), h.Min(), h.Max())
		}
	}
	kept := 0
	r.sample.ordered(func(s []sampled) { kept += len(s) })
	if kept < 1900 {
		t.Errorf("%d of 2000 requests are in the sample", kept)
	}
}

// A slice that was stopped is as long as it was, and has no drain.
func TestStoppedSlice(t *testing.T) {
	r := NewRecorder(mustPlan(t, someLoad(ancmbench.Closed, 0, ancmbench.Single, 1, time.Minute)), 0)
	r.SliceBegin(r.plan.Segment(0), time.Second)
	r.SliceEnd(4 * time.Second)
	r.SliceEnd(5 * time.Second) // is over already
	if s := r.Result().Slices[0]; s.Length.D() != 3*time.Second || s.Drain != 0 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkRecorderAdd(b *testing.B) {
	r := NewRecorder(mustPlan(b, someLoad(ancmbench.Poisson, 1000, ancmbench.Single, 1, time.Minute)), 0)
	r.SliceBegin(r.plan.Segment(0), 0)
	records := someRecords(4096)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Add(records[i%len(records)])
		i++
	}
}
