package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

func gateText(t *testing.T, v *gate.Verdict, opts page.Options) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return GateText(b, v, opts) })
}

func gateMarkdown(t *testing.T, v *gate.Verdict) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return GateMarkdown(b, v) })
}

func junit(t *testing.T, v *gate.Verdict) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return JUnit(b, v) })
}

// verdicts has one of every outcome.
func verdicts(t *testing.T) map[gate.Outcome]*gate.Verdict {
	t.Helper()
	worse := func(s *example.Scene) { s.Arms[1].Median = example.ScaledBy(s.Arms[1].Median, 1.08) }
	noisy := func(s *example.Scene) { s.Own, s.Seed = 0.25, 3 }
	wrong := example.GateRun(nil)
	wrong.Results[1].Outcomes.WrongModel = 3
	out := map[gate.Outcome]*gate.Verdict{
		gate.Pass:         judged(t, gate.Gate{}, example.GateRun(nil), nil),
		gate.Fail:         judged(t, gate.Gate{}, example.GateRun(worse), nil),
		gate.Inconclusive: judged(t, gate.Gate{}, example.GateRun(func(s *example.Scene) { s.Launches = 3 }), nil),
		gate.Unstable:     judged(t, gate.Gate{Metrics: gate.DefaultMetrics()[:1]}, example.GateRun(noisy), nil),
		gate.Invalid:      judged(t, gate.Gate{}, wrong, nil),
	}
	for want, v := range out {
		if v.Outcome != want {
			t.Fatalf("meant to be %s: %s, %v", want, v.Outcome, v.Reasons)
		}
	}
	return out
}

func TestGateGoldens(t *testing.T) {
	vs := verdicts(t)
	golden(t, "gate_fail.txt", []byte(gateText(t, vs[gate.Fail], page.Options{})))
	golden(t, "gate_inconclusive.txt", []byte(gateText(t, vs[gate.Inconclusive], page.Options{Width: 80})))
	golden(t, "gate_fail.md", []byte(gateMarkdown(t, vs[gate.Fail])))
	golden(t, "gate_fail.xml", []byte(junit(t, vs[gate.Fail])))
	var all []string
	for _, o := range []gate.Outcome{gate.Pass, gate.Fail, gate.Inconclusive, gate.Unstable, gate.Invalid} {
		all = append(all, Annotations(vs[o])...)
		all = append(all, strings.TrimSpace(Outputs(vs[o])))
	}
	golden(t, "gate_annotations.txt", []byte(strings.Join(all, "\n")+"\n"))
}

// Laws of every output, for every outcome.
func TestGateOutputs(t *testing.T) {
	vs := verdicts(t)
	allowed := *vs[gate.Inconclusive]
	allowed.Allowed, allowed.ExitCode = true, 0
	for name, v := range map[string]*gate.Verdict{"pass": vs[gate.Pass], "fail": vs[gate.Fail], "inconclusive": vs[gate.Inconclusive],
		"unstable": vs[gate.Unstable], "invalid": vs[gate.Invalid], "allowed": &allowed} {
		text := gateText(t, v, page.Options{Width: 80})
		if n := strings.Count(text, "\n"); n > 40 {
			t.Errorf("%s: %d lines do not fit a screen", name, n)
		}
		md, notes := gateMarkdown(t, v), Annotations(v)
		outcome := string(v.Outcome)
		if !strings.Contains(strings.ToLower(text), outcome) || !strings.Contains(md, outcome) {
			t.Errorf("%s: the outcome is not in every output", name)
		}
		if want := fmt.Sprintf("exit     %d", v.ExitCode); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
		if len(notes) > 5 {
			t.Errorf("%s: %d annotations", name, len(notes))
		}
		for _, l := range notes {
			if strings.ContainsAny(l, "\r\n") || !strings.HasPrefix(l, "::error title=") && !strings.HasPrefix(l, "::warning title=") {
				t.Errorf("%s: annotation %q", name, l)
			}
		}
		warned := slices.ContainsFunc(notes, func(l string) bool {
			return strings.HasPrefix(l, "::warning ") && strings.Contains(l, "smallest detectable effect")
		})
		if undecided := v.Outcome == gate.Inconclusive || v.Outcome == gate.Unstable; undecided && !warned {
			t.Errorf("%s: no warning names the smallest detectable effect: %q", name, notes)
		}
		if got := Outputs(v); !strings.HasPrefix(got, "outcome="+outcome+"\n") {
			t.Errorf("%s: %q", name, got)
		}
		var suites junitSuites
		if err := xml.Unmarshal([]byte(junit(t, v)), &suites); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := suites.Suite
		if bad := s.Failures+s.Errors > 0; bad != (v.ExitCode != 0) {
			t.Errorf("%s: JUnit has %d failures and %d errors, and the exit code is %d", name, s.Failures, s.Errors, v.ExitCode)
		}
		if s.Tests != len(s.Cases) {
			t.Errorf("%s: %d tests, %d cases", name, s.Tests, len(s.Cases))
		}
	}
}

// Many metrics, and names that would break a format.
func TestGateOutputsOfMany(t *testing.T) {
	hostile := "a|b`<script>alert(1)</script>\r\n::error::x @team %0A [l](http://x) \x1b[31m"
	v := &gate.Verdict{Form: gate.HeadAgainstBase, Outcome: gate.Fail, ExitCode: 99, Baseline: hostile, Target: hostile,
		Plan: stats.Plan{}.Filled(), Elapsed: ancmbench.Seconds(time.Minute), Reasons: []string{}, Notes: []string{words.Plain(hostile)}}
	for i := range 800 {
		outcome := []gate.Outcome{gate.Pass, gate.Fail, gate.Inconclusive, gate.Unstable}[i%4]
		v.Metrics = append(v.Metrics, gate.MetricVerdict{Metric: "response_p50_seconds", Title: "response p50", Unit: "seconds", Better: ancmbench.Lower,
			Workload: fmt.Sprintf("%s %d", hostile, i), Target: hostile, Outcome: outcome, Why: "because", Margin: 0.05, Attenuation: 1,
			Other: &stats.Estimate{Value: 1e-4}, Base: &stats.Estimate{Value: 1e-4}, Ratio: &stats.Estimate{Value: 1}, Tells: &gate.Tells{Share: 0.1, Launches: 6, From: "A/A"}})
	}
	md := gateMarkdown(t, v)
	if len(md) >= 60_000 || !strings.Contains(md, "did not fit here") {
		t.Errorf("%d bytes of Markdown", len(md))
	}
	for _, bad := range []string{"<script", "@team", "[l](http", "a|b"} {
		if strings.Contains(md, bad) {
			t.Errorf("Markdown holds %q", bad)
		}
	}
	notes := Annotations(v)
	if len(notes) != 5 || !strings.HasPrefix(notes[4], "::error title=gate%3A ") {
		t.Errorf("%d annotations, the last %q", len(notes), notes[len(notes)-1])
	}
	if strings.ContainsAny(strings.Join(notes, ""), "\r\n\x1b") {
		t.Error("an annotation holds a line end or an escape")
	}
	text := gateText(t, v, page.Options{})
	if n := strings.Count(text, "\n"); strings.Contains(text, "\x1b") || n < 600 {
		t.Errorf("%d lines: every failure has a row", n)
	}
	var suites junitSuites
	if err := xml.Unmarshal([]byte(junit(t, v)), &suites); err != nil || suites.Suite.Failures != 200 {
		t.Errorf("JUnit: %v, %d failures", err, suites.Suite.Failures)
	}
}
