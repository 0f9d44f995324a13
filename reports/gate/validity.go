package gate

import (
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// tooMany is the share of fresh starts that may have a late generator, or be discarded for
// it. With more the whole gate is invalid.
const tooMany = 0.25

// late reports whether a warning says that the generator was late in a way that changes a
// median. Lag at the p99 or the maximum alone does not, and neither does any lag where the
// headline is service time.
func late(w ancmbench.Warning, serviceHeadline bool) bool {
	switch w.Renewed().Code {
	case ancmbench.WarnRateNotReached, ancmbench.WarnShed, ancmbench.WarnGeneratorBusy:
		return true
	case ancmbench.WarnLag:
		return !serviceHeadline
	}
	return false
}

// faults returns why the gate cannot be judged, and nil if it can.
func (g Gate) faults(run, stored *ancmbench.Run, o *figures.Observations, cells []*cell) []string {
	t := tally{share: g.MaxErrorShare, service: figures.LatencyHeadline(run) == ancmbench.Service, launches: map[int]bool{}, last: map[attempt]int{},
		lateOn: map[int]ancmbench.WarningCode{}, voidOn: map[int]string{}}
	if t.share == 0 {
		t.share = 0.01
	}
	if run.State == ancmbench.Failed {
		t.say("the run failed before its end" + figures.Ended(run))
	}
	for i := range run.Results {
		t.last[attempt{run.Results[i].Trial, run.Results[i].Target}] = i
	}
	for i := range run.Results {
		r := &run.Results[i]
		if read(cells, r) {
			t.take(r, t.last[attempt{r.Trial, r.Target}] == i)
		}
	}
	finished := run.State != ancmbench.Running || len(t.launches) >= g.Plan.Filled().First
	if finished {
		t.generator()
	}
	seen := false
	for _, c := range cells {
		seen = seen || len(c.Logs) > 0
	}
	if !seen && len(t.faults) == 0 && finished {
		t.say("no counted trial measured what is gated")
		for _, c := range cells {
			if c.note != "" {
				t.say(c.Title + ": " + c.note)
			}
		}
	}
	if stored != nil {
		t.faults = append(t.faults, g.unlike(run, stored, o, cells)...)
	}
	return t.faults
}

type attempt struct {
	trial  int
	target string
}

// read reports whether a result is of a phase that some cell reads.
func read(cells []*cell, r *ancmbench.Result) bool {
	return slices.ContainsFunc(cells, func(c *cell) bool {
		return c.at.Kind == r.PhaseKind && (c.at.Phase == "" || c.at.Phase == r.Phase && c.at.Workload == r.Workload)
	})
}

// tally collects faults, each once.
type tally struct {
	share    float64
	service  bool
	launches map[int]bool
	last     map[attempt]int
	lateOn   map[int]ancmbench.WarningCode
	voidOn   map[int]string
	faults   []string
}

func (t *tally) say(s string) {
	if !slices.Contains(t.faults, s) {
		t.faults = append(t.faults, s)
	}
}

// take checks one result; last says that it is the last attempt at its trial.
func (t *tally) take(r *ancmbench.Result, last bool) {
	t.launches[r.Launch] = true
	on := words.Plain(r.Target)
	if r.Outcomes.WrongModel > 0 || r.Void == ancmbench.VoidWrongModel {
		t.say(on + ": " + ancmbench.VoidWrongModel)
	}
	if !last {
		return
	}
	if share := r.Outcomes.ErrorShare(); share >= t.share && r.Outcomes.Due > 0 {
		t.say(fmt.Sprintf("%s: %s of the requests of fresh start %d failed (bound %s)", on, words.Percent(share), r.Launch+1, words.Percent(t.share)))
		return
	}
	switch r.Void {
	case "":
		for _, w := range r.Warnings {
			if late(w, t.service) {
				t.lateOn[r.Launch] = w.Code
			}
		}
	case ancmbench.VoidStopped, ancmbench.VoidWrongModel: // the former is a fresh start less, the latter was said
	case ancmbench.VoidLate, ancmbench.VoidRate:
		t.voidOn[r.Launch] = on + ": " + r.Void
	default:
		t.say(fmt.Sprintf("%s: discarded, %s", on, words.Plain(r.Void)))
	}
}

// generator checks over all fresh starts whether the load was the requested one.
func (t *tally) generator() {
	said := map[ancmbench.WarningCode]string{
		ancmbench.WarnRateNotReached: "the rate was not reached", ancmbench.WarnShed: "requests that were due were not sent",
		ancmbench.WarnGeneratorBusy: "the generator was saturated", ancmbench.WarnLag: "the generator was late"}
	n := map[int]bool{}
	var why []string
	note := func(launch int, s string) {
		if n[launch] = true; !slices.Contains(why, s) {
			why = append(why, s)
		}
	}
	for launch, code := range t.lateOn {
		note(launch, said[code])
	}
	for launch, s := range t.voidOn {
		note(launch, s)
	}
	if float64(len(n)) > tooMany*float64(len(t.launches)) {
		slices.Sort(why)
		t.say(fmt.Sprintf("%s in %d of %s", words.List(why), len(n), words.Count(len(t.launches), "fresh start", "fresh starts")))
	}
}
