package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Against published bounds: 5 equal looks, one-sided 0.025, O'Brien-Fleming
// spending (Lan and DeMets 1983; DeMets and Lan 1994, table 1).
func TestNominalAgainstTable(t *testing.T) {
	got := nominal([]float64{1, 2, 3, 4, 5}, 0.025)
	for k, want := range []float64{4.877, 3.357, 2.680, 2.290, 2.031} {
		if z := normalUpper(got[k]); math.Abs(z-want) > 0.001 {
			t.Errorf("look %d: z %.4f, published %.3f", k+1, z, want)
		}
	}
	if p := nominal([]float64{7}, 0.01)[0]; math.Abs(p-0.01) > 1e-7 {
		t.Errorf("one look needs %v, want all of 0.01", p)
	}
}

// What is spent by each look is what a random walk crosses by then.
func TestNominalLaws(t *testing.T) {
	for _, stored := range []int{0, 6, 20} {
		tab, err := Plan{}.Table(stored)
		if err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			tab.NeededWorse(tab.First, j+1)
			ps := tab.worse[j+1]
			for k := 1; k < len(ps); k++ {
				if ps[k] < ps[k-1] {
					t.Errorf("stored %d: look %d needs %v after %v: a bound that tightens", stored, k, ps[k], ps[k-1])
				}
			}
			if last := ps[len(ps)-1]; last > tab.Alpha/float64(j+1) || last < tab.Alpha/float64(j+1)/3 {
				t.Errorf("stored %d, level %d: the last look needs %v of %v", stored, j+1, last, tab.Alpha)
			}
			if j > 0 && !slices.IsSorted([]float64{ps[0], tab.worse[j][0]}) {
				t.Errorf("level %d is easier than level %d", j+1, j)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	info := []float64{1, 1.5, 2, 2.2, 3}
	const alpha, walks = 0.05, 100_000
	needed := nominal(info, alpha)
	crossed := make([]int, len(info))
	for range walks {
		x, at := 0.0, 0.0
		for k, i := range info {
			x, at = x+math.Sqrt(i-at)*rng.NormFloat64(), i
			if upperTail(x/math.Sqrt(i)) < needed[k] {
				crossed[k]++
				break
			}
		}
	}
	sum := 0
	for k, i := range info {
		sum += crossed[k]
		want := spent(alpha, i/3)
		if got := float64(sum) / walks; math.Abs(got-want) > 4*math.Sqrt(want/walks)+1e-4 {
			t.Errorf("by look %d %.4f of the walks crossed, spent are %.4f", k+1, got, want)
		}
	}
}

// simulated is how often a plan decides what, and after how many launches.
type simulated struct {
	worse, notWorse, bound float64
	median                 int
	covered                float64
}

// simulate follows the plan over synthetic launches: log ratios of the given mean
// and SD, one fresh start in ten with thrice the spread where heavy.
func simulate(t *testing.T, p Plan, mean, sd float64, heavy bool, seed uint64) simulated {
	t.Helper()
	const runs = 4000
	tab, err := p.Table(0)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 17))
	n := map[Decision]int{}
	held := 0
	var launches []int
	for range runs {
		e := Evidence{LogMargin: math.Log1p(0.05)}
		d := BoundReached
		for len(e.Logs) < tab.Most {
			s := sd
			if heavy && rng.IntN(10) == 0 {
				s *= 3
			}
			e.Logs = append(e.Logs, mean+s*rng.NormFloat64())
			if len(e.Logs) < tab.First {
				continue
			}
			if l := tab.Look(e, len(e.Logs), 1).Decision(); l != Continue {
				d = l
				break
			}
		}
		n[d]++
		launches = append(launches, len(e.Logs))
		if Student(e.Logs).Interval.Holds(mean) {
			held++
		}
	}
	slices.Sort(launches)
	return simulated{float64(n[Worse]) / runs, float64(n[NotWorse]) / runs, float64(n[BoundReached]) / runs,
		launches[runs/2], float64(held) / runs}
}

// The error rates that are promised, at an SD of 4 % per fresh start and a margin of 5 %.
func TestPlanErrorRates(t *testing.T) {
	worse := math.Log(1.05)
	for _, c := range []struct {
		name  string
		heavy bool
	}{{"normal", false}, {"heavy tails", true}} {
		same := simulate(t, Plan{}, 0, 0.04, c.heavy, 1)
		bad := simulate(t, Plan{}, worse, 0.04, c.heavy, 2)
		t.Logf("%s, the same: worse %.2f %%, not worse %.1f %%, bound %.1f %%, median %d launches, 95 %% interval holds %.1f %%",
			c.name, 100*same.worse, 100*same.notWorse, 100*same.bound, same.median, 100*same.covered)
		t.Logf("%s, 5 %% worse: worse %.1f %%, not worse %.2f %%, bound %.1f %%, median %d launches, 95 %% interval holds %.1f %%",
			c.name, 100*bad.worse, 100*bad.notWorse, 100*bad.bound, bad.median, 100*bad.covered)
		if same.worse > 0.01 {
			t.Errorf("%s: %.2f %% false failures, want at most 1 %%", c.name, 100*same.worse)
		}
		if bad.notWorse > 0.05 {
			t.Errorf("%s: %.2f %% wrong passes at +5 %%, want at most 5 %%", c.name, 100*bad.notWorse)
		}
		if c.heavy {
			continue // a third more spread: the power is not what was promised
		}
		if bad.worse < 0.90 {
			t.Errorf("%s: +5 %% is found in %.1f %%, want at least 90 %%", c.name, 100*bad.worse)
		}
		if same.median > 16 || bad.median > 16 {
			t.Errorf("median launches %d and %d", same.median, bad.median)
		}
	}
	// The test can fail: looking at p < 5 % after every fresh start is wrong too often.
	naive := 0
	rng := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		var logs []float64
		for len(logs) < 20 {
			logs = append(logs, 0.04*rng.NormFloat64())
			if n := len(logs); n >= 6 {
				mean, se, df := Evidence{Logs: logs}.At(n)
				if StudentUpper(mean, se, df) < 0.01 {
					naive++
					break
				}
			}
		}
	}
	if naive < 20 {
		t.Errorf("looking without a plan failed falsely in only %.1f %%: this test cannot tell a plan from none", float64(naive)/10)
	}
}

// Against a stored run Welch's form holds the same bounds, also where the stored
// one was noisier, and had fewer launches.
func TestWelchErrorRates(t *testing.T) {
	const runs = 2000
	for _, c := range []struct {
		stored        int
		sdNow, sdThen float64
	}{{12, 0.03, 0.03}, {6, 0.02, 0.04}, {20, 0.04, 0.01}} {
		tab, err := Plan{}.Table(c.stored)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(5, uint64(c.stored)))
		decide := func(mean float64) Decision {
			e := Evidence{LogMargin: math.Log1p(0.05)}
			for range c.stored {
				e.Stored = append(e.Stored, 0.8+c.sdThen*rng.NormFloat64())
			}
			for len(e.Logs) < tab.Most {
				e.Logs = append(e.Logs, 0.8+mean+c.sdNow*rng.NormFloat64())
				if n := len(e.Logs); n >= tab.First {
					if d := tab.Look(e, n, 1).Decision(); d != Continue {
						return d
					}
				}
			}
			return BoundReached
		}
		falseFail, wrongPass := 0, 0
		for range runs {
			if decide(0) == Worse {
				falseFail++
			}
			if decide(math.Log(1.05)) == NotWorse {
				wrongPass++
			}
		}
		t.Logf("%+v: false failures %.2f %%, wrong passes %.2f %%", c, float64(falseFail)*100/runs, float64(wrongPass)*100/runs)
		if low, _ := Binomial(falseFail, runs); low > 0.01 {
			t.Errorf("%+v: %d of %d false failures", c, falseFail, runs)
		}
		if low, _ := Binomial(wrongPass, runs); low > 0.05 {
			t.Errorf("%+v: %d of %d wrong passes", c, wrongPass, runs)
		}
	}
}

func TestFollow(t *testing.T) {
	same := slices.Repeat([]float64{0.001, -0.001}, 10)
	worse := slices.Repeat([]float64{0.061, 0.059}, 10)
	noisy := slices.Repeat([]float64{0.3, -0.25}, 10)
	slight := slices.Repeat([]float64{0.0101, 0.0099}, 10)
	for _, c := range []struct {
		name  string
		logs  []float64
		want  Decision
		looks int
	}{
		{"same", same, NotWorse, 1}, {"worse", worse, Worse, 1}, {"noise", noisy, BoundReached, 15},
		{"worse by less than the margin", slight, NotWorse, 1},
		{"three launches", worse[:3], Continue, 0}, {"five, and no doubt", worse[:5], Continue, 0},
		{"nineteen of noise", noisy[:19], Continue, 14}, {"nothing", nil, Continue, 0},
		{"no spread at all, the same", make([]float64, 20), NotWorse, 1},
		{"no spread at all, worse", slices.Repeat([]float64{0.1}, 20), Worse, 1},
		{"better", slices.Repeat([]float64{-0.2, -0.3}, 10), NotWorse, 1},
	} {
		d, looks, err := Plan{}.Follow(c.logs, 0.05)
		if err != nil || d != c.want || len(looks) != c.looks {
			t.Errorf("%s: %q after %d looks (%v), want %q after %d", c.name, d, len(looks), err, c.want, c.looks)
		}
		// More fresh starts never change what was decided.
		if again, _, _ := (Plan{}).Follow(append(slices.Clone(c.logs), 5, -5, 5), 0.05); d != Continue && again != d {
			t.Errorf("%s: decided %q, and %q with three launches more", c.name, d, again)
		}
	}
	for _, p := range []Plan{{First: 3}, {First: 12, Most: 8}, {Alpha: 0.7}, {Beta: -1}, {Most: 5000}} {
		if _, _, err := p.Follow(same, 0.05); err == nil {
			t.Errorf("the plan %+v is none, and was followed", p)
		}
	}
	if _, _, err := (Plan{}).Follow(same, -0.05); err == nil {
		t.Error("a negative margin was taken")
	}
}
