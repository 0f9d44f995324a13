package gate

import (
	"fmt"
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// following is a gate that goes through the fresh starts.
type following struct {
	plan   stats.Plan
	cells  []*cell
	tables map[int]*stats.LookTable // by the number of stored fresh starts
	// launches were looked at when it ended; stopped says that it decided.
	launches int
	stopped  bool
	last     int // the number of the last fresh start looked at
}

// follow looks after each fresh start, in the order of their numbers, until a gated
// cell is worse or all are decided.
func (f *following) follow() error {
	var all []int
	for _, c := range f.cells {
		if f.tables[len(c.Stored)] == nil {
			t, err := f.plan.Table(len(c.Stored))
			if err != nil {
				return err
			}
			f.tables[len(c.Stored)] = t
		}
		all = append(all, c.launches...)
	}
	slices.Sort(all)
	for _, launch := range slices.Compact(all) {
		f.launches, f.last = f.launches+1, launch
		f.lookAt(launch)
		if f.stopped = f.decided(); f.stopped {
			f.own()
			return nil
		}
	}
	return nil
}

// lookAt takes one fresh start into every cell that has a value of it and is not yet
// decided: a decision is final, and its figures stay those that it rests on.
func (f *following) lookAt(launch int) {
	most := f.plan.Filled().Most
	var fresh []*cell
	for _, c := range f.cells {
		if i, ok := slices.BinarySearch(c.launches, launch); ok && i < most && c.decided == "" {
			c.seen = i + 1
			if c.seen >= f.plan.Filled().First {
				fresh = append(fresh, c)
			}
		}
	}
	tests := f.tests()
	for _, c := range fresh {
		level := tests
		if c.Advisory {
			level = 1
		}
		c.HolmLevel = level
		c.Looks = append(c.Looks, f.tables[len(c.Stored)].Look(c.Evidence, c.seen, level))
		if d := c.last().Decision(); d == stats.NotWorse || c.Advisory && d == stats.Worse {
			c.decided = d
		}
	}
	f.holm(fresh, tests)
}

func (c *cell) last() stats.Look { return c.Looks[len(c.Looks)-1] }

// tests returns the number of hypotheses over which the chance of any false failure is
// bounded; advisory ones are none of them.
func (f *following) tests() int {
	n := 0
	for _, c := range f.cells {
		if !c.Advisory {
			n++
		}
	}
	return n
}

// holm steps down: with k rejected, of m, the next is tested at alpha/(m-k), by
// the same spending (Ye, Li, Liu and Yao, Statist. Med. 32, 2013).
func (f *following) holm(fresh []*cell, tests int) {
	left := tests
	for again := true; again; {
		again = false
		for _, c := range fresh {
			if c.Advisory || c.decided != "" {
				continue
			}
			l := &c.Looks[len(c.Looks)-1]
			c.HolmLevel = left
			l.NeededWorse = f.tables[len(c.Stored)].NeededWorse(c.seen, left)
			if l.Decision() == stats.Worse {
				c.decided, again = stats.Worse, true
				left = max(1, left-1)
			}
		}
	}
}

// decided reports whether no further fresh start can change the gate's outcome.
func (f *following) decided() bool {
	open, gated := false, false
	for _, c := range f.cells {
		if c.Advisory {
			continue
		}
		gated = true
		if c.decided == stats.Worse {
			return true
		}
		open = open || c.decided == ""
	}
	return gated && !open
}

// own tests each gated metric that is undecided after another has failed the gate, by the
// test that it has alone. The gate's own outcome is settled then, and with it the chance of
// a false one.
func (f *following) own() {
	for _, c := range f.cells {
		if c.Advisory || c.decided != "" || len(c.Looks) == 0 || c.last().Launches != c.seen {
			continue
		}
		l := &c.Looks[len(c.Looks)-1]
		c.HolmLevel, l.NeededWorse = 1, f.tables[len(c.Stored)].NeededWorse(c.seen, 1)
		if l.Decision() == stats.Worse {
			c.decided = stats.Worse
		}
	}
}

// conclude writes what was found into the verdict.
func (f *following) conclude(v *Verdict, run *ancmbench.Run) {
	v.Launches = f.launches
	v.More = !f.stopped && f.launches < v.Plan.Most && len(f.cells) > 0
	for _, c := range f.cells {
		c.Launches = c.seen
		c.estimate()
		c.power(f)
		c.conclude(f, run)
		v.Metrics = append(v.Metrics, c.MetricVerdict)
	}
}

// estimate fills in the values and the ratio, of the fresh starts looked at.
func (c *cell) estimate() {
	c.Other = figures.Center(c.other[:c.seen])
	switch {
	case c.Stored != nil:
		c.Base = figures.Center(c.base)
	case c.Budget == nil:
		c.Base = figures.Center(c.base[:min(c.seen, len(c.base))])
	}
	if c.seen == 0 {
		return
	}
	log := stats.Estimate{Value: c.sign * stats.Mean(c.Logs[:c.seen])}
	if c.Stored != nil {
		log.Value -= c.sign * stats.Mean(c.Stored)
	}
	if c.seen > 1 {
		mean, se, df := c.Evidence.At(c.seen)
		log = stats.Around(c.sign*mean, se, df)
	}
	r := stats.RatioOf(log)
	c.Ratio = &r
}

// noise returns how much copies of one target differ, in the fresh starts looked at.
func (c *cell) noise(f *following) []float64 {
	var logs []float64
	for _, p := range c.twins {
		if p.Launch <= f.last && p.Base > 0 && p.Other > 0 {
			logs = append(logs, figures.LogRatio(p))
		}
	}
	return logs
}

// power computes the smallest detectable effect, from A/A where there is any.
func (c *cell) power(f *following) {
	from, sd := "A/A", 0.0
	switch {
	case len(c.noise(f)) >= figures.FewLaunches:
		_, v := stats.MeanVariance(c.noise(f))
		sd = math.Sqrt(v)
	case c.spread > 0:
		from, sd = "calibration", c.spread
	case c.seen >= figures.FewLaunches:
		from = "fresh starts"
		_, v := stats.MeanVariance(c.Logs[:c.seen])
		sd = math.Sqrt(v)
	default:
		return
	}
	t := f.tables[len(c.Stored)]
	level := max(1, c.HolmLevel)
	if c.HolmLevel == 0 && !c.Advisory {
		level = max(1, f.tests())
	}
	tells := func(n int) *Tells {
		e := sd / math.Sqrt(float64(n))
		if len(c.Stored) > 1 {
			_, v := stats.MeanVariance(c.Stored)
			e = math.Sqrt(e*e + v/float64(len(c.Stored)) + 2*c.Between.SD*c.Between.SD)
		}
		df := float64(n - 1)
		log := e * (stats.Quantile(1-t.NeededWorse(n, level), df) + stats.Quantile(stats.Power, df)) / c.Attenuation
		return &Tells{Share: math.Expm1(min(log, words.MaxLog)), Launches: n, From: from}
	}
	c.Tells, c.Best = tells(max(c.seen, t.First)), tells(t.Most)
}

// conclude turns the decision into an outcome, in words.
func (c *cell) conclude(f *following, run *ancmbench.Run) {
	noise := c.seen >= f.plan.Filled().First && c.Best != nil && c.Best.From != "fresh starts" && c.Margin > 0 && c.Best.Share > c.Margin
	switch biased, by := c.biased(f); {
	case biased:
		c.Outcome, c.Why = Unstable, fmt.Sprintf("no decision: two copies of one thing differ by %s here (A/A)", words.Effect(by))
	case c.decided == stats.Worse:
		c.Outcome, c.Why = Fail, c.whyFail()
	case noise:
		c.Outcome, c.Why = Unstable, fmt.Sprintf("no decision: host noise %s > margin %s", words.Effect(c.Best.Share), words.Percent(c.Margin))
	case c.decided == stats.NotWorse:
		c.Outcome, c.Why = Pass, c.whyPass()
	default:
		c.Outcome, c.Why = Inconclusive, "no decision: "+c.whyNot(f, run)
	}
}

// biased reports whether copies of one target differ, detected with the same certainty as
// "worse", and by more than half the margin.
func (c *cell) biased(f *following) (bool, float64) {
	p, logs := f.plan.Filled(), c.noise(f)
	if len(logs) < p.First || c.Margin == 0 {
		return false, 0
	}
	mean, se, df := stats.Evidence{Logs: logs}.At(len(logs))
	off := math.Abs(mean)
	return stats.StudentUpper(off, se, df) < p.Alpha/2 && off > c.LogMargin/2, math.Expm1(off)
}
