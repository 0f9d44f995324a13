package render

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// exposition collects samples in the Prometheus text format, one family after the other, as
// a textfile collector reads it.
type exposition struct {
	families []*metricFamily
	common   []string // labels of every sample, name and value in turn
}

// metricFamily is one gauge with its samples.
type metricFamily struct {
	name, help string
	lines      bytes.Buffer
}

// add adds one sample of a gauge. Labels are name and value in turn; an empty value leaves the
// label out.
func (e *exposition) add(name, help string, value float64, labels ...string) {
	name = "ancmbench_" + strings.NewReplacer(".", "_", "-", "_", " ", "_").Replace(name)
	var f *metricFamily
	for _, known := range e.families {
		if known.name == name {
			f = known
		}
	}
	if f == nil {
		f = &metricFamily{name: name, help: help}
		e.families = append(e.families, f)
	}
	labels = append(labels[:len(labels):len(labels)], e.common...)
	var said []string
	for i := 0; i+1 < len(labels); i += 2 {
		if labels[i+1] != "" {
			said = append(said, labels[i]+`="`+labelValue(labels[i+1])+`"`)
		}
	}
	f.lines.WriteString(name)
	if len(said) > 0 {
		f.lines.WriteString("{" + strings.Join(said, ",") + "}")
	}
	f.lines.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// estimate adds a value and, where there is one, its 95 % interval in two further gauges.
func (e *exposition) estimate(name, help string, est *stats.Estimate, labels ...string) {
	if est == nil {
		return
	}
	e.add(name, help, est.Value, labels...)
	if est.Interval != nil {
		e.add(name+"_low", "Lower end of the 95 % interval of ancmbench_"+name+".", est.Interval.Low, labels...)
		e.add(name+"_high", "Upper end of the 95 % interval of ancmbench_"+name+".", est.Interval.High, labels...)
	}
}

func labelValue(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(words.Plain(s))
}

func (e *exposition) into(w io.Writer) error {
	var b bytes.Buffer
	for _, f := range e.families {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", f.name, strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(f.help), f.name)
		b.Write(f.lines.Bytes())
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("prometheus: %w", err)
	}
	return nil
}

// Prometheus writes a run in the Prometheus text format: every metric of every target, the
// penalties with their intervals, and how far the run came.
func Prometheus(w io.Writer, run *ancmbench.Run, a *figures.Analysis) error {
	e := &exposition{common: []string{"profile", run.Profile.Name, "subject", string(run.Subject)}}
	for _, s := range a.Series {
		e.estimate(s.Metric, titleOf(s.Metric)+", in "+unitOf(s.Unit)+": the geometric mean over fresh starts.", &s.Center,
			"target", s.Target, "phase", s.Phase, "workload", s.Workload)
	}
	for _, s := range a.Statements {
		e.estimate("penalty_ratio", "What the target costs as a multiple of the baseline; more than 1 is worse.", s.Penalty(),
			"metric", s.Metric, "target", s.Target, "baseline", s.Baseline, "phase", s.Phase, "workload", s.Workload)
	}
	e.add("run_start_time_seconds", "When the run was started, in seconds since 1970.", float64(run.Started.Unix()))
	e.add("run_duration_seconds", "How long the run took.", run.Elapsed.Float())
	e.add("run_complete", "1 if the whole plan was carried out.", truth(run.State == ancmbench.Complete))
	e.add("run_fresh_starts", "Fresh starts that count.", float64(run.LaunchesDone))
	e.add("run_planned_fresh_starts", "Fresh starts that were planned.", float64(run.Profile.Launches))
	e.add("run_discarded_trials", "Trials that were measured and do not count.", float64(a.Trust.VoidTrials))
	e.add("run_failed_requests", "Requests that failed.", float64(a.Trust.Errors))
	for _, warning := range a.Warnings {
		e.add("run_warnings", "How often a warning was raised.", float64(warning.Count), "code", string(warning.Code), "severity", string(warning.Severity))
	}
	e.add("build_info", "The program that measured.", 1, "version", run.Tool.Version, "go", run.Tool.Go)
	return e.into(w)
}

// GatePrometheus writes a verdict in the Prometheus text format.
func GatePrometheus(w io.Writer, v *gate.Verdict) error {
	e := &exposition{common: []string{"form", string(v.Form), "subject", string(v.Subject)}}
	e.outcome(string(v.Outcome), v.ExitCode)
	e.add("gate_fresh_starts", "Fresh starts that the gate looked at.", float64(v.Launches))
	e.add("gate_duration_seconds", "How long the measurement took.", v.Elapsed.Float())
	for _, m := range v.Metrics {
		labels := []string{"metric", m.Metric, "target", m.Target, "phase", m.Phase, "workload", m.Workload}
		if m.Advisory {
			labels = append(labels, "advisory", "true")
		}
		e.estimate("gate_base_value", "The baseline's value, in the unit of the metric.", m.Base, labels...)
		e.estimate("gate_value", "The target's value, in the unit of the metric.", m.Other, labels...)
		e.estimate("gate_ratio", "The target's value over the baseline's, or over the budget.", m.Ratio, labels...)
		if m.Margin > 0 {
			e.add("gate_margin_share", "How much worse is allowed.", m.Margin, labels...)
		}
		e.add("gate_metric_outcome", "The outcome of one metric, which the label names: always 1.", 1, append(labels, "outcome", string(m.Outcome))...)
	}
	return e.into(w)
}

// Prometheus writes the absence of a verdict as GatePrometheus writes a verdict.
func (n NoVerdict) Prometheus(w io.Writer) error {
	e := &exposition{}
	e.outcome(noVerdict, n.ExitCode)
	return e.into(w)
}

// outcome adds the outcome of a gate, as one gauge per outcome of which one is 1.
func (e *exposition) outcome(is string, exitCode int) {
	for _, o := range []gate.Outcome{gate.Pass, gate.Fail, gate.Inconclusive, gate.Unstable, gate.Invalid, noVerdict} {
		e.add("gate_outcome", "1 for the outcome of the gate, 0 for every other.", truth(string(o) == is), "outcome", string(o))
	}
	e.add("gate_exit_code", "The exit code of the gate: 0 pass, 3 invalid, 4 no decision, 99 worse.", float64(exitCode))
}

// ComparePrometheus writes a comparison in the Prometheus text format.
func ComparePrometheus(w io.Writer, c *figures.Comparison) error {
	e := &exposition{}
	for _, r := range c.Rows {
		for i, v := range r.Values {
			labels := []string{"run", c.Labels[i], "metric", r.Metric, "target", r.Target, "phase", r.Phase, "workload", r.Workload}
			name, help := "compare_penalty_ratio", "What the target costs as a multiple of the baseline; more than 1 is worse."
			if r.Absolute {
				name, help = "compare_value", "The value of a metric, in its unit."
			}
			e.estimate(name, help, v, labels...)
			if i > 0 {
				e.estimate("compare_change_ratio", "The run's value over the first run's.", r.Changes[i-1], labels...)
			}
		}
	}
	e.add("compare_runs", "Runs that were compared.", float64(len(c.Labels)))
	return e.into(w)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unitOf(unit string) string {
	if unit == "" {
		return "no unit"
	}
	return unit
}
