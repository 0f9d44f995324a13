package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"ancmbench"
)

//go:embed report.html.tmpl
var reportTemplate string

//go:embed report.css
var reportStyle string

// view is what the template is filled with.
type view struct {
	Title, Subject, Profile, Conditions, Started, Elapsed string
	BuiltFrom                                             string
	Style                                                 template.CSS
	Answer                                                []string
	Belief                                                string
	Headline                                              []titledGrid
	Marks                                                 []string
	Breakdown                                             *breakdownView
	Recovery                                              *grid
	Penalty                                               *figure
	Figures                                               []*figure
	Trust                                                 []string
	Noise, Checks                                         grid
	Warnings                                              []advicePanel
	All                                                   []titledGrid
	Published                                             *grid
	Host                                                  grid
	Missing                                               []string
	Method                                                []string
	Command, Seed, Tool                                   string
}

type advicePanel struct {
	Severity, Text, Do, Where string
}

type titledGrid struct {
	Title string
	grid
}

// HTML writes the report as one page that needs nothing else: no script, no
// font, no network. The same run gives the same bytes.
func HTML(w io.Writer, run *ancmbench.Run, a *Analysis) error {
	t, err := template.New("report").Parse(reportTemplate)
	if err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	if err := t.Execute(w, newView(run, a)); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	return nil
}

func newView(run *ancmbench.Run, a *Analysis) view {
	v := view{
		Title:      subjectLine(run, a),
		Subject:    about(run),
		Profile:    plain(run.Profile.Name),
		Conditions: unbroken([]string{conditions(run)})[0],
		BuiltFrom:  builtFrom(run.Targets),
		Style:      template.CSS(reportStyle),
		Answer:     unbroken(append(Answer(run, a), ofTheCurve(a)...)),
		Belief:     unbroken([]string{belief(run, a)})[0],
		Headline:   headlineGrids(a),
		Marks:      marks(a),
		Breakdown:  newBreakdownView(a),
		Recovery:   recoveryGrid(a),
		Penalty:    forest(a),
		Figures:    figures(a),
		Trust:      trustWords(run, a),
		Noise:      noiseGrid(a),
		Checks:     checkGrid(a.Trust.Checks),
		All:        allGrids(a),
		Host:       hostGrid(run.Host),
		Missing:    missingParts(run, a),
		Method:     method(run, a),
		Command:    shellWords(run.Command),
		Seed:       fmt.Sprint(run.Seed),
		Tool:       toolLine(run.Tool),
	}
	if !run.Started.IsZero() {
		v.Started = run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if run.Elapsed > 0 {
		v.Elapsed = strings.ReplaceAll(Span(run.Elapsed.D()), " ", "\u00a0")
	}
	if showsPublished(run) {
		v.Published = &published
	}
	for _, w := range a.Warnings {
		v.Warnings = append(v.Warnings, advicePanel{string(w.Severity), w.Text, w.Do, w.Where()})
	}
	return v
}

// unbroken keeps each number and its unit on one line.
func unbroken(sentences []string) []string {
	for i, s := range sentences {
		words := glued(s)
		for j := range words {
			words[j] = strings.ReplaceAll(words[j], " ", "\u00a0")
		}
		sentences[i] = strings.Join(words, " ")
	}
	return sentences
}

// figures are the charts below the answer, those that have something to show.
func figures(a *Analysis) []*figure {
	var out []*figure
	add := func(f *figure) {
		if f != nil {
			out = append(out, f)
		}
	}
	for _, f := range curveFigures(a) {
		add(f)
	}
	var drawn [][2]string // phase and workload
	for _, c := range a.Pooled {
		s := [2]string{c.Phase, c.Workload}
		if slices.Contains(drawn, s) || a.isPoint(c.Phase) {
			continue
		}
		drawn = append(drawn, s)
		f := percentiles(a, c.Phase, c.Workload, len(drawn))
		if f != nil && len(drawn) > 1 {
			f.Title += " (" + plain(c.Phase) + ", " + plain(c.Workload) + ")"
		}
		add(f)
	}
	add(paired(a, a.Latency+"_p50_seconds"))
	add(cpuByRole(a))
	add(memoryByRole(a))
	add(strip(a, "throughput_per_second", "Peak throughput, closed loop"))
	add(strip(a, "cold_start_seconds", "Cold start: from connect to the first answer, nothing running"))
	return out
}

// headlineGrids are the table of the screen, one per target that is compared.
func headlineGrids(a *Analysis) []titledGrid {
	if len(a.Series) == 0 {
		return nil
	}
	if len(a.Targets) == 0 {
		g := grid{Head: []string{"", plain(a.Baseline)}}
		for _, name := range a.headlineMetrics() {
			if s, ok := a.value(name, a.Baseline); ok {
				m, _ := ancmbench.MetricByName(name)
				g.Rows = append(g.Rows, []string{m.Title, amount(s.Center.Value, s.Unit)})
			}
		}
		return []titledGrid{{"", g}}
	}
	var out []titledGrid
	for _, t := range a.Targets {
		g := titledGrid{"", grid{Class: "words",
			Head: []string{"", plain(a.Baseline), plain(t), "difference", "ratio [95 % interval]", "reading"}}}
		if len(a.Targets) > 1 {
			g.Title = plain(t)
		}
		for _, name := range a.headlineMetrics() {
			if s, ok := a.Statement(name, t); ok {
				g.Rows = append(g.Rows, []string{title(s), value(s.Base, s.Unit), value(s.Other, s.Unit),
					difference(s), ratio(s), judgement(s)})
			}
			if slo := a.sloRow(t); slo != nil && name == "throughput_per_second" {
				g.Rows = append(g.Rows, slo)
			}
		}
		out = append(out, g)
	}
	return out
}

// differenceInterval writes "+125 µs [+118 µs, +131 µs]".
func differenceInterval(s Statement) string {
	d := difference(s)
	if s.Difference == nil || s.Difference.Interval == nil {
		return d
	}
	return d + " [" + signed(s.Difference.Interval.Low, s.Unit) + ", " + signed(s.Difference.Interval.High, s.Unit) + "]"
}

// allGrids has one table per scenario and target with every metric.
func allGrids(a *Analysis) []titledGrid {
	var out []titledGrid
	for _, s := range a.Statements {
		name := plain(s.Phase) + ", " + plain(s.Workload)
		if s.Rate > 0 {
			name += ", " + rate(s.Rate)
		}
		if len(a.Targets) > 1 {
			name += ": " + plain(s.Target)
		}
		i := slices.IndexFunc(out, func(g titledGrid) bool { return g.Title == name })
		if i < 0 {
			i = len(out)
			out = append(out, titledGrid{name, grid{Head: []string{"metric", plain(a.Baseline), "target", "difference",
				"ratio", "starts", "p (t)", "p (M-W)", "smallest effect", "note"}, Class: "words wide"}})
			if len(a.Targets) == 1 {
				out[i].Head[2] = plain(s.Target)
			}
		}
		out[i].Rows = append(out[i].Rows, statementRow(s))
	}
	return out
}

func statementRow(s Statement) []string {
	p, second, smallest := absent, absent, absent
	if s.P != nil {
		p = pValue(*s.P)
	}
	if s.Second != nil && s.Launches > 1 {
		second = pValue(s.Second.P)
	}
	if s.Smallest != nil {
		smallest = effect(s.Smallest.Share) + " (" + s.Smallest.From + ")"
	}
	return []string{title(s), value(s.Base, s.Unit), value(s.Other, s.Unit), differenceInterval(s), ratio(s),
		fmt.Sprint(s.Launches), p, second, smallest, s.Note}
}

func pValue(p float64) string {
	if p < 0.001 {
		return "under 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
