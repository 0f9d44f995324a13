package loadgen

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

func someTargets(k int) []ancmbench.Target {
	var out []ancmbench.Target
	for i := range k {
		out = append(out, ancmbench.Target{Name: fmt.Sprintf("t%d", i), Address: "127.0.0.1:1",
			Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}}})
	}
	return out
}

func someLoad(kind ancmbench.ArrivalKind, rate float64, dealing ancmbench.DealingKind, k int, length time.Duration) ancmbench.Load {
	return ancmbench.Load{
		Arrivals: ancmbench.Arrivals{Kind: kind, Rate: rate, Seed: 11},
		Dealing:  ancmbench.Dealing{Kind: dealing, Seed: 7}, Duration: ancmbench.Seconds(length),
		Connections: 4, Targets: someTargets(k),
	}
}

func mustPlan(t testing.TB, load ancmbench.Load) *Plan {
	t.Helper()
	p, err := NewPlan(load)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// virtualDues returns each target's due times in its own virtual time.
func virtualDues(p *Plan) [][]time.Duration {
	out := make([][]time.Duration, len(p.load.Targets))
	var buf []Due
	for i := range p.Segments() {
		s := p.Segment(i)
		buf = p.Dues(i, buf)
		for _, d := range buf {
			out[d.Target] = append(out[d.Target], s.Virtual+d.Offset)
		}
	}
	return out
}

// However a stream is cut into slices, each target gets the same stream, and
// all targets of one load get it alike.
func TestSlicesCutTheSameStream(t *testing.T) {
	laws := map[string]ancmbench.Arrivals{
		"constant":     {Kind: ancmbench.Constant, Rate: 1234.5},
		"poisson":      {Kind: ancmbench.Poisson, Rate: 987},
		"slow poisson": {Kind: ancmbench.Poisson, Rate: 0.7},
		"ramp":         {Kind: ancmbench.Ramp, Rate: 0, RampTo: 900},
		"random ramp":  {Kind: ancmbench.Ramp, Rate: 800, RampTo: 0, Random: true},
		"steps": {Kind: ancmbench.Steps, Steps: []ancmbench.Step{{Rate: 100, Duration: ancmbench.Seconds(time.Second)},
			{Rate: 0, Duration: ancmbench.Seconds(time.Second)}, {Rate: 500, Duration: ancmbench.Seconds(500 * time.Millisecond)}}},
		"random steps": {Kind: ancmbench.Steps, Random: true, Steps: []ancmbench.Step{{Rate: 300, Duration: ancmbench.Seconds(time.Second)},
			{Rate: 0, Duration: ancmbench.Seconds(time.Second)}, {Rate: 50, Duration: ancmbench.Seconds(time.Second)}}},
		"replay": {Kind: ancmbench.Replay, Instants: []ancmbench.Seconds{0, 0, 5e8, 1e9, 1e9, 2999999999, 3e9}},
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) {
			law.Seed = 3
			var want []time.Duration
			for _, slice := range []time.Duration{3 * time.Second, 7 * time.Millisecond, 100 * time.Millisecond, 333333333} {
				load := someLoad(law.Kind, 1, ancmbench.Slices, 3, 3*time.Second)
				load.Arrivals = law
				load.Dealing.Slice = ancmbench.Seconds(slice)
				p := mustPlan(t, load)
				for target, got := range virtualDues(p) {
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Fatalf("slice %v, target %d: %d requests, and %d otherwise", slice, target, len(got), len(want))
					}
				}
				if !slices.IsSorted(want) || len(want) == 0 {
					t.Fatalf("%d due times do not ascend", len(want))
				}
				if got := p.Total(); got != uint64(3*len(want)) {
					t.Errorf("total %d, want 3 times %d", got, len(want))
				}
			}
		})
	}
}

func TestDuesArePure(t *testing.T) {
	load := someLoad(ancmbench.Poisson, 5000, ancmbench.Duel, 3, 2*time.Second)
	load.Targets[0].Workload.Requests = []ancmbench.Request{{Path: "/a"}, {Path: "/b", Weight: 3}}
	forward, again := mustPlan(t, load), mustPlan(t, load)
	var want [][]Due
	for i := range forward.Segments() {
		want = append(want, forward.Dues(i, nil))
	}
	for i := again.Segments() - 1; i >= 0; i-- {
		if !slices.Equal(again.Dues(i, nil), want[i]) {
			t.Fatalf("segment %d differs when asked for in another order", i)
		}
	}
}

func TestNumbersAreUniqueAndWithoutGaps(t *testing.T) {
	for _, dealing := range []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Duel} {
		for _, kind := range []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Poisson} {
			p := mustPlan(t, someLoad(kind, 3000, dealing, 2, 11*time.Second))
			seen := make([]bool, p.Total())
			for i := range p.Segments() {
				for _, d := range p.Dues(i, nil) {
					if d.N >= p.Total() || seen[d.N] {
						t.Fatalf("%s %s: number %d is beyond %d or twice", dealing, kind, d.N, p.Total())
					}
					seen[d.N] = true
				}
			}
			if slices.Contains(seen, false) {
				t.Errorf("%s %s: a number is missing", dealing, kind)
			}
		}
	}
}

func TestSegmentsTileTheTimetable(t *testing.T) {
	check := func(load ancmbench.Load) {
		t.Helper()
		p := mustPlan(t, load)
		loaded := make(map[int]time.Duration)
		slice, at := -1, time.Duration(0)
		seen := map[int]map[int]bool{}
		for i := range p.Segments() {
			s := p.Segment(i)
			if s.First {
				slice++
			}
			if s.Index != i || s.Slice != slice || s.Start != at || s.Length <= 0 {
				t.Fatalf("segment %d: %+v, want slice %d at %v", i, s, slice, at)
			}
			if s.Virtual != loaded[s.Target] {
				t.Fatalf("segment %d: virtual %v, want %v", i, s.Virtual, loaded[s.Target])
			}
			loaded[s.Target] += s.Length
			at += s.Length
			if s.Drain {
				at += p.Gap()
				if seen[s.Group] == nil {
					seen[s.Group] = map[int]bool{}
				}
				if seen[s.Group][s.Target] {
					t.Fatalf("group %d has target %d twice", s.Group, s.Target)
				}
				seen[s.Group][s.Target] = true
			}
		}
		for target, d := range loaded {
			if d != load.Duration.D() {
				t.Errorf("target %d is loaded %v, want %v", target, d, load.Duration)
			}
		}
		if slice+1 != p.Slices() {
			t.Errorf("%d slices, and Slices says %d", slice+1, p.Slices())
		}
		for g, targets := range seen {
			if load.Dealing.Kind == ancmbench.Slices && len(targets) != len(load.Targets) {
				t.Errorf("group %d has %d targets", g, len(targets))
			}
		}
	}
	for _, kind := range []ancmbench.ArrivalKind{ancmbench.Poisson, ancmbench.Closed} {
		for _, slice := range []time.Duration{0, 50 * time.Millisecond, 70 * time.Millisecond, 3 * time.Second} {
			load := someLoad(kind, 20000, ancmbench.Slices, 3, 1010*time.Millisecond)
			load.Dealing.Slice = ancmbench.Seconds(slice)
			load.Dealing.Gap = ancmbench.Seconds(time.Millisecond)
			check(load)
		}
		check(someLoad(kind, 20000, ancmbench.Single, 1, time.Second))
	}
	check(someLoad(ancmbench.Constant, 20000, ancmbench.Duel, 2, time.Second))
}

func TestOrderIsDrawnOrMirrored(t *testing.T) {
	load := someLoad(ancmbench.Closed, 0, ancmbench.Slices, 2, 100*time.Second)
	first := func(load ancmbench.Load) (zeros int, order string) {
		p := mustPlan(t, load)
		for i := range p.Segments() {
			s := p.Segment(i)
			if i < 8 {
				order += fmt.Sprint(s.Target)
			}
			if s.Slice%2 == 0 && s.Target == 0 {
				zeros++
			}
		}
		return zeros, order
	}
	// 1000 fair coins: 5 standard deviations are 79.
	if zeros, _ := first(load); zeros < 421 || zeros > 579 {
		t.Errorf("target 0 is first in %d of 1000 groups", zeros)
	}
	load.Dealing.Mirrored = true
	if _, order := first(load); order != "01100110" {
		t.Errorf("mirrored order %s", order)
	}
}

func TestDuelGroupsHoldEachTargetOnce(t *testing.T) {
	var firsts [3]int
	all, total := 0, uint64(0)
	for seed := range uint64(5) { // the streams end within a group at two of three
		load := someLoad(ancmbench.Poisson, 700, ancmbench.Duel, 3, 3*time.Second)
		load.Arrivals.Seed, load.Dealing.Seed = seed, seed
		p := mustPlan(t, load)
		groups := map[uint64]int{}
		for i := range p.Segments() {
			for _, d := range p.Dues(i, nil) {
				if groups[d.Group]&(1<<d.Target) != 0 {
					t.Fatalf("group %d has target %d twice", d.Group, d.Target)
				}
				if groups[d.Group] == 0 {
					firsts[d.Target]++
				}
				groups[d.Group] |= 1 << d.Target
			}
		}
		for g, targets := range groups {
			if targets != 7 {
				t.Errorf("seed %d: group %d has targets %03b", seed, g, targets)
			}
		}
		all += len(groups)
		total += p.Total()
	}
	// About 10,500 groups: a third each, 5 standard deviations are 242.
	for target, n := range firsts {
		if math.Abs(float64(n)-float64(all)/3) > 242 {
			t.Errorf("target %d leads %d of %d groups", target, n, all)
		}
	}
	if rate := float64(total) / 15; math.Abs(rate-2100) > 5*math.Sqrt(2100/15.0) {
		t.Errorf("the duel's stream has %v per second, want about 3 x 700", rate)
	}
}

// The number due by t is the law's integral, to within the process's own scatter.
func TestCumulativeLaws(t *testing.T) {
	const length = 10 * time.Second
	steps := []ancmbench.Step{{Rate: 2000, Duration: ancmbench.Seconds(2 * time.Second)},
		{Rate: 0, Duration: ancmbench.Seconds(time.Second)}, {Rate: 500, Duration: ancmbench.Seconds(4 * time.Second)}}
	for _, random := range []bool{false, true} {
		for _, c := range []struct {
			a    ancmbench.Arrivals
			want func(t float64) float64
		}{
			{ancmbench.Arrivals{Kind: ancmbench.Ramp, Rate: 100, RampTo: 2100}, func(t float64) float64 { return 100*t + 100*t*t }},
			{ancmbench.Arrivals{Kind: ancmbench.Ramp, Rate: 2000, RampTo: 0}, func(t float64) float64 { return 2000*t - 100*t*t }},
			{ancmbench.Arrivals{Kind: ancmbench.Steps, Steps: steps}, func(t float64) float64 {
				return 2000*min(t, 2) + 500*max(0, t-3)
			}},
		} {
			c.a.Random, c.a.Seed = random, 5
			load := someLoad(c.a.Kind, 0, ancmbench.Single, 1, length)
			load.Arrivals = c.a
			dues := virtualDues(mustPlan(t, load))[0]
			for at := 0.25; at <= 10; at += 0.25 {
				n, _ := slices.BinarySearch(dues, time.Duration(at*1e9))
				want, scatter := c.want(at), 1.0
				if random {
					scatter = 5 * math.Sqrt(want)
				}
				if math.Abs(float64(n)-want) > scatter {
					t.Errorf("%s random %v: %d due by %v s, want %.1f", c.a.Kind, random, n, at, want)
				}
			}
		}
	}
}

func TestConstantIsEvenlySpaced(t *testing.T) {
	dues := virtualDues(mustPlan(t, someLoad(ancmbench.Constant, 1000, ancmbench.Single, 1, 3*time.Second)))[0]
	for n, at := range dues {
		if want := time.Duration(n)*time.Millisecond + 500*time.Microsecond; at != want {
			t.Fatalf("request %d is due at %v, want %v", n, at, want)
		}
	}
	if len(dues) != 3000 {
		t.Errorf("%d requests, want 3000", len(dues))
	}
}

func TestMixFollowsWeights(t *testing.T) {
	load := someLoad(ancmbench.Constant, 10000, ancmbench.Slices, 2, time.Second)
	for i := range load.Targets {
		load.Targets[i].Workload.Requests = []ancmbench.Request{{Path: "/a"}, {Path: "/b", Weight: 3}}
	}
	p := mustPlan(t, load)
	chosen := map[int]map[uint64]int{0: {}, 1: {}}
	heavy := 0
	for i := range p.Segments() {
		for _, d := range p.Dues(i, nil) {
			chosen[d.Target][d.Group] = d.Request
			heavy += d.Request
		}
	}
	for n, r := range chosen[0] {
		if chosen[1][n] != r {
			t.Fatalf("request %d of the two targets differs", n)
		}
	}
	// 2 x 10,000 alike draws at 3/4: 5 standard deviations are 433.
	if heavy < 14567 || heavy > 15433 {
		t.Errorf("%d of 20000 have the weight 3 of 4", heavy)
	}
}

func TestSettleIsTheFirstShareOfASlice(t *testing.T) {
	load := someLoad(ancmbench.Constant, 40000, ancmbench.Slices, 2, 4*time.Second)
	load.Dealing.Slice = ancmbench.Seconds(2 * time.Second) // cut into segments
	load.Dealing.Settle = 0.1
	p := mustPlan(t, load)
	settling := 0
	for i := range p.Segments() {
		for _, d := range p.Dues(i, nil) {
			if d.Settling {
				settling++
			}
		}
	}
	if want := 4 * 200 * 40; settling != want {
		t.Errorf("%d requests settle, want %d", settling, want)
	}
}

func TestNewPlanReportsEveryFault(t *testing.T) {
	_, err := NewPlan(ancmbench.Load{
		Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: -1},
		Dealing:  ancmbench.Dealing{Kind: "both", Settle: 0.7},
		Timeout:  -1, Spin: "fast",
		Targets: []ancmbench.Target{{Scheme: "ftp", Roots: []byte("x"), Workload: ancmbench.Workload{Requests: []ancmbench.Request{
			{Method: "GE T", Path: "x\r\n", Header: []ancmbench.Field{{Name: "A:", Value: "b\r\nc"}}}}}}},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, word := range []string{"duration", "connections", "timeout", "spin", "dealing", "settle", "rate", "scheme",
		"address", "method", "path", "field name", "line break", "root certificates need the scheme https", "no certificate in PEM"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("nothing about %q in:\n%v", word, err)
		}
	}
}

func BenchmarkDues(b *testing.B) {
	for _, kind := range []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Poisson} {
		b.Run(string(kind), func(b *testing.B) {
			p := mustPlan(b, someLoad(kind, 10000, ancmbench.Slices, 2, time.Minute))
			buf := make([]Due, 0, 4096)
			b.ReportAllocs()
			i, n := 0, 0
			for b.Loop() {
				buf = p.Dues(i%p.Segments(), buf)
				n += len(buf)
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/request")
		})
	}
}
