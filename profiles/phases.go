package profiles

import (
	"fmt"
	"slices"
	"strings"

	"ancmbench"
)

// custom says what a kind of phase may have.
type custom struct {
	// arrivals and dealing are the defaults.
	arrivals ancmbench.ArrivalKind
	dealing  ancmbench.DealingKind
	laws     []ancmbench.ArrivalKind
	dealings []ancmbench.DealingKind
	// why explains the laws and dealings that are legal.
	whyLaw, whyDealing string
}

var (
	allLaws  = []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Poisson, ancmbench.Ramp, ancmbench.Steps, ancmbench.Replay, ancmbench.Closed}
	openLaws = allLaws[:5]
	single   = []ancmbench.DealingKind{ancmbench.Single}
	sliced   = []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Single}
	deals    = []ancmbench.DealingKind{ancmbench.Single, ancmbench.Slices, ancmbench.Duel}
	kinds    = []ancmbench.PhaseKind{ancmbench.ColdStart, ancmbench.WarmUp, ancmbench.Latency, ancmbench.Peak,
		ancmbench.Sweep, ancmbench.Memory, ancmbench.Recovery}
)

// killable lists the roles whose process a recovery phase may kill, the default first.
var killable = []string{string(ancmbench.RoleWorker), string(ancmbench.RoleApp)}

const (
	whyOpen   = "users do not wait for one another, so it is an open loop"
	whyClosed = "it measures the highest throughput, so it is a closed loop"
	whySlices = "a duel is biased towards no difference and is for the gate only"
	whyAlone  = "each target is measured alone"
)

// usual is the table of the kinds of phase: the default arrivals and dealing of each, and
// what else it may have.
var usual = map[ancmbench.PhaseKind]custom{
	ancmbench.ColdStart: {ancmbench.Closed, ancmbench.Single, []ancmbench.ArrivalKind{ancmbench.Closed}, single,
		"it is one request to a server that is not running yet", whyAlone},
	ancmbench.WarmUp:  {ancmbench.Closed, ancmbench.Slices, []ancmbench.ArrivalKind{ancmbench.Closed, ancmbench.Constant, ancmbench.Poisson}, sliced, "it is never counted", whySlices},
	ancmbench.Latency: {ancmbench.Poisson, ancmbench.Slices, openLaws, sliced, whyOpen, whySlices},
	ancmbench.Peak:    {ancmbench.Closed, ancmbench.Slices, []ancmbench.ArrivalKind{ancmbench.Closed}, sliced, whyClosed, whySlices},
	ancmbench.Sweep: {ancmbench.Steps, ancmbench.Slices, []ancmbench.ArrivalKind{ancmbench.Steps, ancmbench.Ramp}, sliced,
		"it takes an open loop through several rates", whySlices},
	ancmbench.Memory:   {ancmbench.Poisson, ancmbench.Single, []ancmbench.ArrivalKind{ancmbench.Poisson, ancmbench.Constant, ancmbench.Closed}, single, "it needs a steady load", whyAlone},
	ancmbench.Recovery: {ancmbench.Poisson, ancmbench.Single, []ancmbench.ArrivalKind{ancmbench.Poisson, ancmbench.Constant}, single, whyOpen, whyAlone},
}

func (c *check) phases(p ancmbench.Profile, workloads []string) {
	c.must(slices.ContainsFunc(p.Phases, func(ph ancmbench.Phase) bool { return ph.Kind != ancmbench.WarmUp }),
		"phases", "nothing would be measured: there must be at least one phase that is not a warm-up")
	c.must(len(p.Phases) <= ancmbench.MaxPhases, "phases", "%d: there may be at most %d", len(p.Phases), ancmbench.MaxPhases)
	var names []string
	hasHeadline := false // a latency phase that is no duel came before
	for i, ph := range p.Phases {
		key := fmt.Sprintf("phases[%d]", i)
		c.must(ph.Name == "" || !slices.Contains(names, ph.Name), key+".name", "%q names two phases", short(ph.Name))
		names = append(names, ph.Name)
		c.must(ph.Workload == "" || slices.Contains(workloads, ph.Workload), key+".workload",
			"no workload is named %q%s", short(ph.Workload), meant(ph.Workload, workloads))
		if ph.Connections != 0 {
			c.none(connectionsProblem(ph.Connections), key+".connections")
		}
		kind, known := usual[ph.Kind]
		if !known {
			c.must(ph.Kind != "", key+".kind", "a phase needs a kind; legal: %s", strings.Join(words(kinds), ", "))
			c.must(ph.Kind == "", key+".kind", "unknown kind %q%s", short(string(ph.Kind)), meant(string(ph.Kind), words(kinds)))
			// Other faults are found with the rules of a kind that allows everything.
			kind = custom{laws: append(slices.Clone(allLaws), ""), dealings: append(slices.Clone(deals), "")}
		}
		c.must(ph.Name != "" || !known, key+".name", "a phase needs a name")
		c.must(len(ph.Name) <= ancmbench.MaxName, key+".name", "%q: a name has at most %d bytes", short(ph.Name), ancmbench.MaxName)
		if ph.Kind == ancmbench.ColdStart {
			c.must(ph.Duration == 0, key+".duration", "a cold start ends with the first answer; leave the duration out")
		} else {
			c.none(durationProblem(ph.Duration), key+".duration")
		}
		if ph.Kind == ancmbench.Recovery {
			c.must(slices.Contains(killable, ph.Kill), key+".kill", "no role %q can be killed%s", short(ph.Kill), meant(ph.Kill, killable))
		} else {
			c.must(ph.Kill == "", key+".kill", "nothing is killed in a %s phase; leave it out", ph.Kind)
		}
		if ph.Kind == ancmbench.Latency && hasHeadline {
			kind.dealings = deals // a duel may follow, for the gate's quantiles
		}
		hasHeadline = hasHeadline || ph.Kind == ancmbench.Latency && ph.Dealing.Kind != ancmbench.Duel
		c.point(p, ph, key)
		c.arrivals(ph, kind, key+".arrivals")
		c.dealing(p, ph, kind, key+".dealing")
	}
}

func (c *check) arrivals(ph ancmbench.Phase, kind custom, key string) {
	a := ph.Arrivals
	if a.Kind == "" && slices.Contains(kind.laws, a.Kind) {
		return // the file has none, and the kind of phase is unknown
	}
	if !slices.Contains(allLaws, a.Kind) {
		c.must(false, key, "unknown kind of arrivals %q%s", short(string(a.Kind)), meant(string(a.Kind), words(allLaws)))
		return
	}
	c.must(slices.Contains(kind.laws, a.Kind), key, "%s in a %s phase: %s; legal: %s",
		a.Kind, ph.Kind, kind.whyLaw, strings.Join(words(kind.laws), ", "))
	has := func(legal bool, given bool, name string) {
		c.must(legal || !given, key+"."+name, "%s arrivals have none; leave it out", a.Kind)
	}
	rated := a.Kind == ancmbench.Constant || a.Kind == ancmbench.Poisson || a.Kind == ancmbench.Ramp
	has(rated, a.Rate != 0, "rate")
	has(a.Kind == ancmbench.Ramp, a.RampTo != 0, "ramp-to")
	has(a.Kind == ancmbench.Ramp || a.Kind == ancmbench.Steps, a.Random, "random")
	has(a.Kind == ancmbench.Steps, len(a.Steps) > 0, "steps")
	has(a.Kind == ancmbench.Replay, len(a.Instants) > 0, "instants")
	has(a.Kind == ancmbench.Closed && ph.Kind != ancmbench.ColdStart, a.Think != 0, "think")
	if rated && a.Rate != 0 {
		c.none(rateProblem(a.Rate), key+".rate")
	}
	switch a.Kind {
	case ancmbench.Ramp:
		c.none(rateProblem(a.RampTo), key+".ramp-to")
	case ancmbench.Steps:
		c.steps(a.Steps, ph.Duration, key)
	case ancmbench.Replay:
		c.instants(a.Instants, ph.Duration, key)
	case ancmbench.Closed:
		c.must(a.Think >= 0 && a.Think.D() <= maxDuration, key+".think", "%v: must be 0s to %v", a.Think, maxDuration)
	}
}

func (c *check) steps(steps []ancmbench.Step, duration ancmbench.Seconds, key string) {
	c.must(len(steps) > 0, key+".steps", "there must be at least one step of rate and duration")
	var sum ancmbench.Seconds
	sound := true
	for i, s := range steps {
		at := fmt.Sprintf("%s.steps[%d]", key, i)
		c.none(rateProblem(s.Rate), at+".rate")
		problem := durationProblem(s.Duration)
		c.none(problem, at+".duration")
		sound = sound && problem == "" && i < 1000
		sum += s.Duration
	}
	if sound && len(steps) > 0 && duration > 0 {
		c.must(sum == duration, key+".steps", "the steps last %v and the phase %v; leave the phase's duration out", sum, duration)
	}
}

func (c *check) instants(instants []ancmbench.Seconds, duration ancmbench.Seconds, key string) {
	c.must(len(instants) > 0, key+".instants", "there must be at least one")
	for i, t := range instants {
		at := fmt.Sprintf("%s.instants[%d]", key, i)
		c.must(t >= 0, at, "%v lies before the start", t)
		c.must(i == 0 || t >= instants[i-1], at, "%v comes before the one above it; instants ascend", t)
		c.must(duration <= 0 || t <= duration, at, "%v lies after the phase's end at %v", t, duration)
	}
}

func (c *check) dealing(p ancmbench.Profile, ph ancmbench.Phase, kind custom, key string) {
	d := ph.Dealing
	if d.Kind == "" && slices.Contains(kind.dealings, d.Kind) {
		return
	}
	if !slices.Contains(deals, d.Kind) {
		c.must(false, key, "unknown kind of dealing %q%s", short(string(d.Kind)), meant(string(d.Kind), words(deals)))
		return
	}
	legal := slices.Contains(kind.dealings, d.Kind)
	c.must(legal, key, "%s in a %s phase: %s; legal: %s", d.Kind, ph.Kind, kind.whyDealing, strings.Join(words(kind.dealings), ", "))
	several := len(p.Models) > 1 || p.Twin
	if legal && d.Kind == ancmbench.Single && kind.dealing == ancmbench.Slices && ph.Kind != ancmbench.WarmUp {
		c.must(!several, key, "single with several models: measured one after the other, they would differ by the machine's drift; use slices")
	}
	if d.Kind != ancmbench.Slices {
		has := func(given bool, name string) {
			c.must(!given, key+"."+name, "a %s dealing has none; leave it out", d.Kind)
		}
		has(d.Slice != 0, "slice")
		has(d.Settle != 0, "settle")
		has(d.Gap != 0, "gap")
		has(d.Mirrored, "mirrored")
		return
	}
	c.must(d.Settle >= 0 && d.Settle <= maxSettle, key+".settle", "%s: must be 0%% to %s of a slice", percent(d.Settle), percent(maxSettle))
	c.must(d.Gap >= 0 && d.Gap.D() <= maxTimeout, key+".gap", "%v: must be 0s to %v", d.Gap, maxTimeout)
	if d.Slice != 0 {
		c.must(d.Slice.D() >= minSlice, key+".slice", "%v: must be at least %v", d.Slice, minSlice)
		c.must(ph.Duration <= 0 || d.Slice <= ph.Duration, key+".slice", "%v is longer than the phase's %v", d.Slice, ph.Duration)
	}
}
