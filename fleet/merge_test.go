package fleet

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// part is what an agent with these times may have observed.
func part(response, lag time.Duration, n int64) ancmbench.Result {
	h := func(d time.Duration) *ancmbench.Histogram {
		x := &ancmbench.Histogram{}
		x.RecordN(d, n)
		return x
	}
	return ancmbench.Result{Target: "a", Connections: 2, Response: h(response), Service: h(response), Lag: h(lag), FirstByte: h(response),
		SettleResponse: &ancmbench.Histogram{}, SettleService: &ancmbench.Histogram{},
		Outcomes: ancmbench.Outcomes{Due: n, Sent: n, OK: n},
		Checks:   []ancmbench.Check{{Name: loadgen.RateCheck, Value: 100, Bound: 99, AtLeast: true}, {Name: "lag_max_seconds", Value: lag.Seconds(), Bound: 0.1}}}
}

func merged(parts ...ancmbench.Result) ancmbench.Result {
	r := &joint{load: ancmbench.Load{Connections: 9, MaxErrorShare: 0.05, Targets: []ancmbench.Target{{Name: "a"}}}}
	var all []results
	for _, p := range parts {
		all = append(all, results{Results: []ancmbench.Result{p}})
		r.before = append(r.before, ancmbench.Clock{Uncertainty: 1000})
	}
	return r.merge(all)[0]
}

// Every count of every histogram and of the outcomes is in the sum, also of those that are
// added to the nouns later.
func TestMergingAddsEverything(t *testing.T) {
	var a, b ancmbench.Outcomes
	x, y := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	for i := range x.NumField() {
		if f := x.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(int64(i + 1))
			y.Field(i).SetInt(100)
		} else if f.Kind() != reflect.Map {
			t.Errorf("Outcomes.%s is neither a count nor the map of statuses: it is not added", x.Type().Field(i).Name)
		}
	}
	a.Status, b.Status = map[int]int64{404: 1}, map[int]int64{404: 2, 500: 3}
	got := sum(a, b)
	for i := range x.NumField() {
		if f := reflect.ValueOf(got).Field(i); f.Kind() == reflect.Int64 && f.Int() != int64(i+101) {
			t.Errorf("Outcomes.%s is %d", x.Type().Field(i).Name, f.Int())
		}
	}
	if got.Status[404] != 3 || got.Status[500] != 3 || a.Status[404] != 1 {
		t.Errorf("statuses %v", got.Status)
	}

	one, two := part(time.Millisecond, 1000, 30), part(5*time.Millisecond, 2000, 50)
	two.Wait, two.Slices = &ancmbench.Histogram{}, []ancmbench.SliceRow{{Index: 0, Sent: 5, Late: 3}, {Index: 2, Sent: 1}}
	one.Slices = []ancmbench.SliceRow{{Index: 0, Sent: 4, Drain: 7}}
	two.Wait.RecordN(time.Second, 7)
	one.Series, two.Series = []ancmbench.SecondRow{{Sent: 1, Max: 5}}, []ancmbench.SecondRow{{Sent: 2, Max: 3}, {At: 1e9, Sent: 9}}
	one.Failures = []ancmbench.Failure{{Kind: "reset", Cause: "x", Count: 1}}
	two.Failures = []ancmbench.Failure{{Kind: "reset", Cause: "x", Count: 2}, {Kind: "refused", Cause: "y", Count: 8}}
	res := merged(one, two)
	if res.Response.Count() != 80 || res.Wait.Count() != 7 || res.Outcomes.OK != 80 || res.Connections != 9 {
		t.Errorf("%d responses, %d waits, %+v, %d connections", res.Response.Count(), res.Wait.Count(), res.Outcomes, res.Connections)
	}
	if p50, _ := res.Response.Quantile(0.2); p50 > 2*time.Millisecond {
		t.Errorf("the fast agent's times are lost: %v", p50)
	}
	if len(res.Slices) != 2 || res.Slices[0].Sent != 9 || res.Slices[0].Drain != 7 || res.Slices[0].Late != 3 || len(res.Series) != 2 || res.Series[0].Sent != 3 || res.Series[0].Max != 5 {
		t.Errorf("slices %+v, series %+v", res.Slices, res.Series)
	}
	if len(res.Failures) != 2 || res.Failures[0].Count != 8 || res.Failures[1].Count != 3 {
		t.Errorf("failures %+v", res.Failures)
	}
	if res.LoadHosts[0].Outcomes.OK != 30 || res.LoadHosts[0].P50.D() > 2*time.Millisecond {
		t.Errorf("host 1 has the figures of both: %+v", res.LoadHosts[0])
	}
	rate := res.Checks[slices.IndexFunc(res.Checks, func(c ancmbench.Check) bool { return c.Name == loadgen.RateCheck })]
	if rate.Value != 200 || rate.Bound != 198 {
		t.Errorf("rate %+v", rate)
	}
}

// Results that are not of the targets in their order are not added to others.
func TestResultsFitTheirTargets(t *testing.T) {
	r := &joint{load: ancmbench.Load{Targets: []ancmbench.Target{{Name: "a"}, {Name: "b"}}}}
	if err := r.fit([]ancmbench.Result{{Target: "a"}, {Target: "b"}}); err != nil {
		t.Error(err)
	}
	if err := r.fit([]ancmbench.Result{{Target: "b"}, {Target: "a"}}); err == nil {
		t.Error("swapped results fit")
	}
}

// One agent that cannot be trusted makes the trial invalid, and is named.
func TestOneBadAgent(t *testing.T) {
	good := func() ancmbench.Result { return part(time.Millisecond, 20*time.Microsecond, 100) }
	for _, c := range []struct {
		name string
		bad  func(*ancmbench.Result)
		void string
		code ancmbench.WarningCode
	}{
		{"late", func(r *ancmbench.Result) { *r = part(time.Millisecond, 800*time.Microsecond, 100) }, ancmbench.VoidLate, ancmbench.WarnLoadHostDoubt},
		{"behind", func(r *ancmbench.Result) { r.Checks[0].Value = 30 }, ancmbench.VoidRate, ancmbench.WarnLoadHostDoubt},
		{"failing", func(r *ancmbench.Result) { r.Outcomes.OK = 80 }, ancmbench.VoidErrors, ancmbench.WarnLoadHostDoubt},
		{"misled", func(r *ancmbench.Result) { r.Outcomes.WrongModel = 1 }, ancmbench.VoidWrongModel, ancmbench.WarnLoadHostDoubt},
		{"slower", func(r *ancmbench.Result) { *r = part(3*time.Millisecond, 20*time.Microsecond, 100) }, "", ancmbench.WarnLoadHostSlower},
		{"good", func(*ancmbench.Result) {}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := good()
			c.bad(&bad)
			res := merged(good(), bad, good())
			if res.Void != c.void || res.LoadHosts[1].Void != c.void || res.LoadHosts[0].Void != "" {
				t.Errorf("void %q, of the hosts %q and %q", res.Void, res.LoadHosts[0].Void, res.LoadHosts[1].Void)
			}
			named := slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == c.code && strings.HasPrefix(w.Detail, "load 2") })
			if named != (c.code != "") {
				t.Errorf("warnings %+v", res.Warnings)
			}
		})
	}
}

// The host that is slower than the others is named, and not those that it is compared with.
func TestOnlyTheSlowerHostIsNamed(t *testing.T) {
	slow, fast := 3*time.Millisecond, time.Millisecond
	for name, c := range map[string]struct {
		p50  []time.Duration
		want string
	}{"of two": {[]time.Duration{fast, slow}, "[load 2]"}, "one is faster": {[]time.Duration{slow, fast, slow}, "[]"}, "alone": {[]time.Duration{slow}, "[]"}} {
		var parts []ancmbench.Result
		for _, p50 := range c.p50 {
			parts = append(parts, part(p50, 20*time.Microsecond, 100))
		}
		var named []string
		for _, w := range merged(parts...).Warnings {
			if w.Code == ancmbench.WarnLoadHostSlower {
				named = append(named, w.Detail)
			}
		}
		if fmt.Sprint(named) != c.want {
			t.Errorf("%s: slower are %v, want %s", name, named, c.want)
		}
	}
}

// A check of the whole is the one of the agent that is furthest beyond its bound.
func TestTheWorstAgentSpeaks(t *testing.T) {
	var parts []ancmbench.Result
	for _, lag := range []time.Duration{20 * time.Microsecond, 70 * time.Millisecond, time.Millisecond} {
		p := part(time.Second, lag, 50)
		p.Warnings = []ancmbench.Warning{{Code: ancmbench.WarnLagMax, Value: lag.Seconds()}, {Code: ancmbench.WarnRateNotReached, Value: lag.Seconds()}}
		parts = append(parts, p)
	}
	res := merged(parts...)
	if i := slices.IndexFunc(res.Checks, func(c ancmbench.Check) bool { return c.Name == "lag_max_seconds" }); res.Checks[i].Value != 0.07 {
		t.Errorf("checks %+v", res.Checks)
	}
	if fmt.Sprint(res.Warnings[0].Value, res.Warnings[1].Value) != "0.07 2e-05" {
		t.Errorf("warnings %+v", res.Warnings)
	}
}
