package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

func filled(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gateText(t *testing.T, v *Verdict, opts TextOptions) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return GateText(b, v, opts) })
}

func gateMarkdown(t *testing.T, v *Verdict) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return GateMarkdown(b, v) })
}

func junit(t *testing.T, v *Verdict) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return JUnit(b, v) })
}

// verdicts has one of every outcome.
func verdicts(t *testing.T) map[Outcome]*Verdict {
	t.Helper()
	worse := func(s *scene) { s.arms[1].median = scaledBy(s.arms[1].median, 1.08) }
	noisy := func(s *scene) { s.own, s.seed = 0.25, 3 }
	wrong := gateRun(nil)
	wrong.Results[1].Outcomes.WrongModel = 3
	out := map[Outcome]*Verdict{
		Pass:         judged(t, Gate{}, gateRun(nil), nil),
		Fail:         judged(t, Gate{}, gateRun(worse), nil),
		Inconclusive: judged(t, Gate{}, gateRun(func(s *scene) { s.launches = 3 }), nil),
		Unstable:     judged(t, Gate{Metrics: DefaultMetrics()[:1]}, gateRun(noisy), nil),
		Invalid:      judged(t, Gate{}, wrong, nil),
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
	golden(t, "gate_fail.txt", []byte(gateText(t, vs[Fail], TextOptions{})))
	golden(t, "gate_inconclusive.txt", []byte(gateText(t, vs[Inconclusive], TextOptions{Width: 80})))
	golden(t, "gate_fail.md", []byte(gateMarkdown(t, vs[Fail])))
	golden(t, "gate_fail.xml", []byte(junit(t, vs[Fail])))
	var all []string
	for _, o := range []Outcome{Pass, Fail, Inconclusive, Unstable, Invalid} {
		all = append(all, Annotations(vs[o])...)
		all = append(all, strings.TrimSpace(Outputs(vs[o])))
	}
	golden(t, "gate_annotations.txt", []byte(strings.Join(all, "\n")+"\n"))
}

// Laws of every output, for every outcome.
func TestGateOutputs(t *testing.T) {
	vs := verdicts(t)
	allowed := *vs[Inconclusive]
	allowed.Allowed, allowed.ExitCode = true, 0
	for name, v := range map[string]*Verdict{"pass": vs[Pass], "fail": vs[Fail], "inconclusive": vs[Inconclusive],
		"unstable": vs[Unstable], "invalid": vs[Invalid], "allowed": &allowed} {
		text := gateText(t, v, TextOptions{Width: 80})
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
			return strings.HasPrefix(l, "::warning ") && strings.Contains(l, "could have told")
		})
		if undecided := v.Outcome == Inconclusive || v.Outcome == Unstable; undecided && !warned {
			t.Errorf("%s: no warning names the effect that could have been told: %q", name, notes)
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
	v := &Verdict{Form: HeadAgainstBase, Outcome: Fail, ExitCode: 99, Baseline: hostile, Target: hostile,
		Plan: Plan{}.Filled(), Elapsed: ancmbench.Seconds(time.Minute), Reasons: []string{}, Notes: []string{plain(hostile)}}
	for i := range 800 {
		outcome := []Outcome{Pass, Fail, Inconclusive, Unstable}[i%4]
		v.Metrics = append(v.Metrics, MetricVerdict{Metric: "response_p50_seconds", Title: "response p50", Unit: "seconds", Better: ancmbench.Lower,
			Workload: fmt.Sprintf("%s %d", hostile, i), Target: hostile, Outcome: outcome, Why: "because", Margin: 0.05, Attenuation: 1,
			Other: &Estimate{Value: 1e-4}, Base: &Estimate{Value: 1e-4}, Ratio: &Estimate{Value: 1}, Tells: &Tells{Share: 0.1, Launches: 6, From: "A/A"}})
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
	text := gateText(t, v, TextOptions{})
	if n := strings.Count(text, "\n"); strings.Contains(text, "\x1b") || n < 600 {
		t.Errorf("%d lines: every failure has a row", n)
	}
	var suites junitSuites
	if err := xml.Unmarshal([]byte(junit(t, v)), &suites); err != nil || suites.Suite.Failures != 200 {
		t.Errorf("JUnit: %v, %d failures", err, suites.Suite.Failures)
	}
}
