package loadgen

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"ancmbench"
)

// every is one law of each kind, by name.
func everyLaw() map[string]ancmbench.Arrivals {
	second := ancmbench.Seconds(time.Second)
	return map[string]ancmbench.Arrivals{
		"constant":    {Kind: ancmbench.Constant, Rate: 1234.5},
		"poisson":     {Kind: ancmbench.Poisson, Rate: 987},
		"ramp":        {Kind: ancmbench.Ramp, Rate: 0, RampTo: 900},
		"random ramp": {Kind: ancmbench.Ramp, Rate: 800, RampTo: 0, Random: true},
		"steps": {Kind: ancmbench.Steps, Steps: []ancmbench.Step{{Rate: 100, Duration: second},
			{Rate: 0, Duration: second}, {Rate: 500, Duration: second / 2}}},
		"random steps": {Kind: ancmbench.Steps, Random: true, Steps: []ancmbench.Step{{Rate: 300, Duration: second},
			{Rate: 0, Duration: second}, {Rate: 50, Duration: second}}},
		"replay": {Kind: ancmbench.Replay, Instants: []ancmbench.Seconds{0, 0, 5e8, 1e9, 1e9, 2999999999, 3e9}},
	}
}

// placed is a request with its instant in the timetable.
type placed struct {
	Due
	at time.Duration
}

// timetableOf returns every request of a plan, in order, by the planned time.
func timetableOf(p *Plan) (all []placed) {
	var buf []Due
	epoch := time.Duration(0)
	for i := range p.Segments() {
		s := p.Segment(i)
		if s.First {
			epoch = s.Start
		}
		buf = p.Dues(i, buf)
		for _, d := range buf {
			all = append(all, placed{d, epoch + d.Offset})
		}
		epoch += s.Length
	}
	return all
}

// The generators of a load together send the stream of one generator, request for
// request: the same numbers, instants, targets and requests of the mix, each exactly once.
func TestPartsAreTheWholeStream(t *testing.T) {
	dealings := map[ancmbench.DealingKind]int{ancmbench.Single: 1, ancmbench.Slices: 3, ancmbench.Duel: 3}
	for name, law := range everyLaw() {
		for dealing, targets := range dealings {
			t.Run(fmt.Sprint(name, " ", dealing), func(t *testing.T) {
				load := someLoad(law.Kind, 1, dealing, targets, 3*time.Second)
				load.Arrivals, load.Connections = law, 16
				load.Arrivals.Seed = 3
				load.Dealing.Slice, load.Dealing.Gap, load.Dealing.Settle = ancmbench.Seconds(90*time.Millisecond), ancmbench.Seconds(time.Millisecond), 0.1
				for i := range load.Targets {
					load.Targets[i].Workload.Requests = []ancmbench.Request{{Path: "/a"}, {Path: "/b", Weight: 3}}
				}
				want := timetableOf(mustPlan(t, load))
				if len(want) < 6 {
					t.Fatalf("only %d requests", len(want))
				}
				for k := 1; k <= 16; k++ {
					checkUnion(t, load, k, want)
				}
			})
		}
	}
}

func checkUnion(t *testing.T, load ancmbench.Load, k int, want []placed) {
	t.Helper()
	var union []placed
	sizes := make([]int, k)
	for i := range k {
		load.Part = &ancmbench.Part{Index: i, Of: k, Seed: 99}
		p := mustPlan(t, load)
		mine := timetableOf(p)
		sizes[i] = len(mine)
		union = append(union, mine...)
		if p.Total() != mustPlan(t, withoutPart(load)).Total() {
			t.Fatalf("%d parts: the total of part %d is not that of the whole stream", k, i)
		}
	}
	whole := slices.Clone(want)
	byNumber := func(a, b placed) int { return cmp.Compare(a.N, b.N) }
	slices.SortFunc(union, byNumber)
	slices.SortFunc(whole, byNumber)
	if !slices.Equal(union, whole) {
		t.Fatalf("%d parts: the union of %d requests is not the stream of %d", k, len(union), len(whole))
	}
	if len(whole) < 600 {
		return
	}
	// Each part is a draw: within six standard deviations of an equal share. Groups go
	// to one generator whole, so what is drawn is groups.
	n, share := float64(len(whole)), 1/float64(k)
	slack := 6*math.Sqrt(n*float64(len(load.Targets))*share*(1-share)) + 1
	for i, size := range sizes {
		if math.Abs(float64(size)-n*share) > slack {
			t.Errorf("part %d of %d has %d of %d requests", i, k, size, len(whole))
		}
	}
}

func withoutPart(load ancmbench.Load) ancmbench.Load {
	load.Part = nil
	return load
}

// Requests that are compared with each other are sent by the same generator, so that the
// difference of two generators is no difference of two targets.
func TestAGroupIsSentByOneGenerator(t *testing.T) {
	for _, dealing := range []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Duel} {
		load := someLoad(ancmbench.Poisson, 800, dealing, 3, 2*time.Second)
		counts := map[uint64]int{}
		load.Part = &ancmbench.Part{Index: 1, Of: 3, Seed: 5}
		for _, d := range timetableOf(mustPlan(t, load)) {
			counts[d.Group]++
		}
		for group, n := range counts {
			if n != 3 {
				t.Fatalf("%s: one generator has %d of the 3 requests of group %d", dealing, n, group)
			}
		}
	}
}

// Connections and numbers of requests are divided without a rest.
func TestPartsDivideConnections(t *testing.T) {
	for _, total := range []int{16, 17, 100, 1000} {
		for k := 1; k <= 16; k++ {
			connections, requests := 0, int64(0)
			for i := range k {
				load := someLoad(ancmbench.Closed, 0, ancmbench.Single, 1, time.Second)
				load.Connections, load.Requests = total, int64(total)
				load.Part = &ancmbench.Part{Index: i, Of: k}
				p := mustPlan(t, load)
				connections += p.Load().Connections
				requests += p.Load().Requests
				if p.Load().Connections < total/k {
					t.Fatalf("part %d of %d has %d of %d connections", i, k, p.Load().Connections, total)
				}
			}
			if connections != total || requests != int64(total) {
				t.Fatalf("%d parts of %d: %d connections, %d requests", k, total, connections, requests)
			}
		}
	}
}

func TestFaultyParts(t *testing.T) {
	for _, part := range []ancmbench.Part{{Index: 0, Of: 0}, {Index: 2, Of: 2}, {Index: -1, Of: 2}, {Index: 0, Of: 5}} {
		load := someLoad(ancmbench.Poisson, 100, ancmbench.Single, 1, time.Second)
		load.Part = &part
		if _, err := NewPlan(load); err == nil {
			t.Errorf("part %d of %d with 4 connections is a plan", part.Index, part.Of)
		}
	}
}

// The timetable of one generator of several does not depend on when a drain ended.
func TestATimetableDoesNotWait(t *testing.T) {
	load := someLoad(ancmbench.Poisson, 100, ancmbench.Slices, 2, time.Second)
	load.Dealing.Slice, load.Dealing.Gap = ancmbench.Seconds(100*time.Millisecond), ancmbench.Seconds(20*time.Millisecond)
	load.Part = &ancmbench.Part{Of: 1}
	p := mustPlan(t, load)
	var edges []time.Duration
	for _, e := range p.Edges() {
		edges = append(edges, e.At)
	}
	if len(edges) != p.Slices()+1 {
		t.Fatalf("%d edges of %d slices", len(edges), p.Slices())
	}
	for i := range p.Segments() {
		s := p.Segment(i)
		if !s.First {
			continue
		}
		if got, want := p.Epoch(s, time.Hour, time.Hour), time.Duration(s.Slice)*120*time.Millisecond; got != want {
			t.Errorf("slice %d begins at %v, want %v", s.Slice, got, want)
		}
		if end := s.Start + s.SliceLength; edges[s.Slice+1] <= end || edges[s.Slice+1] >= end+p.Gap() {
			t.Errorf("the edge of slice %d is at %v, not in the gap after %v", s.Slice, edges[s.Slice+1], end)
		}
	}
	began := time.Now()
	p.Rest(began.Add(time.Hour), t.Context().Done()) // returns at once
	load.Part = nil
	alone := mustPlan(t, load)
	if got := alone.Epoch(alone.Segment(1), time.Second, 0); got != time.Second+20*time.Millisecond {
		t.Errorf("a single generator begins at %v, and its drain ended at 1s", got)
	}
}

// A part of a Poisson stream is Poisson at its share of the rate, and the check of
// arrivals holds it to that.
func TestArrivalsOfAPartAreChecked(t *testing.T) {
	for _, late := range []bool{false, true} {
		load := someLoad(ancmbench.Poisson, 4000, ancmbench.Single, 1, 10*time.Second)
		load.Part = &ancmbench.Part{Index: 2, Of: 4, Seed: 1}
		p := mustPlan(t, load)
		r := NewRecorder(p, 0)
		r.SliceBegin(p.Segment(0), 0)
		for _, d := range timetableOf(p) {
			sent := d.at
			if late { // as a generator does that wakes every 10 ms
				sent = sent.Truncate(10*time.Millisecond) + 10*time.Millisecond
			}
			r.Add(Record{Due: d.at, Sent: sent, FirstByte: sent + 1, Done: sent + time.Millisecond})
		}
		r.SliceEnd(10 * time.Second)
		res := r.Result()
		r.Check(&res, Generator{})
		i := slices.IndexFunc(res.Checks, func(c ancmbench.Check) bool { return c.Name == checkPoisson })
		if i < 0 || res.Checks[i].Unsupported != "" || res.Checks[i].OK() == late {
			t.Errorf("late %v: %+v", late, res.Checks[i])
		}
	}
}

// A drain that lasts into the next slice is recorded there, and warned of.
func TestLateSlicesAreCounted(t *testing.T) {
	load := someLoad(ancmbench.Poisson, 100, ancmbench.Slices, 2, time.Second)
	load.Dealing.Slice = ancmbench.Seconds(100 * time.Millisecond)
	for _, joint := range []bool{true, false} {
		load.Part = nil
		if joint {
			load.Part = &ancmbench.Part{Of: 1}
		}
		p := mustPlan(t, load)
		r := NewRecorder(p, 0)
		s := p.Segment(0)
		r.SliceBegin(s, 0)
		r.SliceLate(-time.Millisecond)
		r.SliceEnd(100 * time.Millisecond)
		s.Slice++
		r.SliceBegin(s, 100*time.Millisecond)
		r.SliceLate(30 * time.Millisecond)
		r.SliceEnd(200 * time.Millisecond)
		res := r.Result()
		r.Check(&res, Generator{})
		if got := res.Slices[1].Late.D(); (got == 30*time.Millisecond) != joint || res.Slices[0].Late != 0 {
			t.Errorf("joint %v: the slices were late by %v and %v", joint, res.Slices[0].Late, got)
		}
		warned := slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnLateSlices && w.Value == 0.15 })
		if warned != joint {
			t.Errorf("joint %v: warnings %+v", joint, res.Warnings)
		}
	}
}
