package advice

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/words"
)

// Every figure that a warning carries stands in the sentence that people read, and
// the sentence speaks of none that it does not carry.
func TestEveryFigureOfAWarningIsInItsSentence(t *testing.T) {
	for code, facts := range ancmbench.Warnings {
		e, ok := advice[code]
		if !ok {
			t.Errorf("no advice on %s", code)
			continue
		}
		for placeholder, carried := range map[string]bool{"{value}": facts.Unit != "", "{bound}": facts.Bound, "{detail}": facts.Detail} {
			if strings.Contains(e.says, placeholder) != carried {
				t.Errorf("%s: %s is carried: %v; the sentence is %q", code, placeholder, carried, e.says)
			}
		}
		if e.do == "" || strings.HasSuffix(e.do, ".") {
			t.Errorf("%s: do %q", code, e.do)
		}
		w := ancmbench.Warning{Code: code}
		var want []string
		if facts.Unit != "" {
			w.Value = 3.21
			want = append(want, words.Amount(w.Value, facts.Unit))
		}
		if facts.Bound {
			w.Bound = 1.23
			want = append(want, words.Amount(w.Bound, facts.Unit))
		}
		if facts.Detail {
			w.Detail = "DETAIL"
			want = append(want, w.Detail)
		}
		got := Advise([]ancmbench.Warning{w})[0].Text
		for _, s := range want {
			if !strings.Contains(got, s) {
				t.Errorf("%s: %q lacks %q", code, got, s)
			}
		}
		if strings.ContainsAny(got, "{}") {
			t.Errorf("%s: a placeholder is left in %q", code, got)
		}
	}
	if len(advice) != len(ancmbench.Warnings) {
		t.Errorf("%d entries for %d codes", len(advice), len(ancmbench.Warnings))
	}
}

// What each of the three lags is called is what it is.
func TestLagIsSaidOfWhatWasLate(t *testing.T) {
	for _, c := range []struct {
		w            ancmbench.Warning
		want, unlike string
	}{
		{ancmbench.Warning{Code: ancmbench.WarnLag, Value: 4e-5, Bound: 2e-5}, "40.0 µs at the median (bound: a tenth of the response time, 20.0 µs)", "hundred"},
		{ancmbench.Warning{Code: ancmbench.WarnLagP99, Value: 4e-3, Bound: 2e-3}, "one request in a hundred 4.00 ms late, or more, although a connection was free (bound 2.00 ms)", "median"},
		{ancmbench.Warning{Code: ancmbench.WarnLagMax, Value: 0.4, Bound: 0.1}, "a request 400 ms late although a connection was free (bound 100 ms)", "median"},
		// As older files have them.
		{ancmbench.Warning{Code: ancmbench.WarnLag, Value: 4e-3, Bound: 2e-3, Detail: "p99"}, "one request in a hundred", "median"},
		{ancmbench.Warning{Code: ancmbench.WarnLag, Value: 0.4, Bound: 0.1, Detail: "max"}, "a request 400 ms late", "median"},
		{ancmbench.Warning{Code: ancmbench.WarnArrivals, Value: 0.4, Bound: 0.25, Detail: "evenly spaced"}, "40 % of their spacing", "law"},
		{ancmbench.Warning{Code: ancmbench.WarnVoidTrials, Value: 1, Detail: "a launch was repeated: a process died"}, "repeated: 1 (a process died)", "void"},
	} {
		got := Advise([]ancmbench.Warning{c.w})[0].Text
		if !strings.Contains(got, c.want) || strings.Contains(strings.ReplaceAll(got, "medians do not contain it", ""), c.unlike) {
			t.Errorf("%s %s: %q", c.w.Code, c.w.Detail, got)
		}
	}
}

// A wait for the server is in the response times, and no advice may take it out again:
// to read service times instead is coordinated omission. What is counted for the whole
// host is said of it. Lag is the generator's alone, whichever quantile shows it.
func TestAdviceBlamesNobodyWrongly(t *testing.T) {
	for code, e := range advice {
		if strings.Contains(e.do, "service time") {
			t.Errorf("%s advises %q", code, e.do)
		}
	}
	for _, code := range []ancmbench.WarningCode{ancmbench.WarnRetransmits, ancmbench.WarnListenOverflow} {
		if !strings.Contains(advice[code].says, "this host") {
			t.Errorf("%s is counted for the whole host, and says %q", code, advice[code].says)
		}
	}
	for _, code := range []ancmbench.WarningCode{ancmbench.WarnLag, ancmbench.WarnLagP99, ancmbench.WarnLagMax} {
		if s := advice[code].says; !strings.HasPrefix(s, "the generator sent ") || !strings.Contains(s, "although a connection was free") {
			t.Errorf("%s says %q", code, s)
		}
	}
}

// How many waited and how long is said of where the share was the largest. Of a
// hundred places, each with its own figures, no sentence is made.
func TestWaitedIsSaidOfTheWorstPlace(t *testing.T) {
	got := Advise([]ancmbench.Warning{
		{Code: ancmbench.WarnWaited, Value: 0.2, Bound: 0.1, Detail: "20 of 90 requests waited", Phase: "latency", Target: "a"},
		{Code: ancmbench.WarnWaited, Value: 0.5, Bound: 0.1, Detail: "50 of 90 requests waited", Phase: "latency", Target: "b"},
		{Code: ancmbench.WarnWaited, Value: 0.3, Bound: 0.1, Detail: "30 of 90 requests waited", Phase: "latency", Target: "a"},
	})[0]
	if !strings.Contains(got.Text, "50 % of the response times (bound 10 %; 50 of 90 requests waited)") || got.Count != 3 {
		t.Errorf("%+v", got)
	}
}

func TestAdviseGroups(t *testing.T) {
	ws := []ancmbench.Warning{
		{Code: ancmbench.WarnSteal, Value: 0.06, Bound: 0.05},
		{Code: ancmbench.WarnPortsLeft, Value: 300, Bound: 1000},
		{Code: ancmbench.WarnSteal, Value: 0.31, Bound: 0.05, Phase: "latency", Target: "a"},
		{Code: ancmbench.WarnErrors, Value: 0.02, Bound: 0.01, Phase: "peak", Target: "b"},
		{Code: ancmbench.WarnPortsLeft, Value: 20, Bound: 1000},
		{Code: ancmbench.WarnSteal, Value: 0.07, Bound: 0.05, Phase: "latency", Target: "b"},
	}
	got := Advise(ws)
	if len(got) != 3 {
		t.Fatalf("%d pieces of advice, want 3", len(got))
	}
	if got[0].Code != ancmbench.WarnErrors {
		t.Errorf("%s comes first, want the serious one", got[0].Code)
	}
	if got[1].Value != 0.31 || got[1].Count != 3 || !strings.Contains(got[1].Text, "31 %") {
		t.Errorf("steal: %+v, want the worst of three", got[1])
	}
	if w := got[1].Where(); w != "3 times, in latency, on a and b" {
		t.Errorf("where: %q", w)
	}
	if got[2].Value != 20 {
		t.Errorf("ports left: worst is %v, want the fewest", got[2].Value)
	}
	if u := Advise([]ancmbench.Warning{{Code: "of-tomorrow", Value: 1}}); len(u) != 1 || u[0].Text == "" || u[0].Do == "" {
		t.Errorf("an unknown code gives %+v", u)
	}
}

// The causes are those of the place with most failures; a results file of before they were
// written down has no causes, and the sentence does not end in the air.
func TestErrorsSayTheirCauses(t *testing.T) {
	for want, ws := range map[string][]ancmbench.Warning{
		"20 % of the requests failed (bound 1.0 %): status 500 (9)": {
			{Code: ancmbench.WarnErrors, Value: 0.02, Bound: 0.01, Detail: "reset (1)"},
			{Code: ancmbench.WarnErrors, Value: 0.2, Bound: 0.01, Detail: "status 500 (9)"}},
		"2.0 % of the requests failed (bound 1.0 %): the outcomes say how": {{Code: ancmbench.WarnErrors, Value: 0.02, Bound: 0.01}},
	} {
		if got := Advise(ws)[0].Text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
