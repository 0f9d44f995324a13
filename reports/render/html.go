package render

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
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
	Recovery                                              *page.Grid
	Penalty                                               *page.Figure
	Figures                                               []*page.Figure
	Trust                                                 []string
	Noise, Checks                                         page.Grid
	Warnings                                              []advicePanel
	All                                                   []titledGrid
	Published                                             *page.Grid
	Processes, Host                                       page.Grid
	Missing                                               []string
	Method                                                []string
	Command, Seed, Tool                                   string
}

type advicePanel struct {
	Severity, Text, Do, Where string
}

type titledGrid struct {
	Title string
	page.Grid
}

// HTML writes the report as one page that needs nothing else: no script, no
// font, no network. The same run gives the same bytes.
func HTML(w io.Writer, run *ancmbench.Run, a *figures.Analysis) error {
	t, err := template.New("report").Parse(reportTemplate)
	if err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	if err := t.Execute(w, newView(run, a)); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	return nil
}

func newView(run *ancmbench.Run, a *figures.Analysis) view {
	v := view{
		Title:      figures.TitleOf(run, a),
		Subject:    figures.About(run),
		Profile:    words.Plain(run.Profile.Name),
		Conditions: unbroken([]string{figures.Conditions(run)})[0],
		BuiltFrom:  figures.BuiltFrom(run.Targets),
		Style:      template.CSS(page.PaletteCSS() + reportStyle),
		Answer:     unbroken(append(sentences.Answer(run, a), sentences.OfTheCurve(a)...)),
		Belief:     unbroken([]string{sentences.Belief(run, a)})[0],
		Headline:   headlineGrids(a),
		Marks:      marks(a),
		Breakdown:  newBreakdownView(a),
		Recovery:   recoveryGrid(a),
		Penalty:    charts.Forest(a),
		Figures:    chartsBelow(a),
		Trust:      trustWords(run, a),
		Noise:      noiseGrid(a),
		Checks:     checkGrid(a.Trust.Checks),
		All:        allGrids(a),
		Processes:  processGrid(run),
		Host:       hostGrid(run.Host),
		Missing:    missingParts(run, a),
		Method:     method(run, a),
		Command:    words.ShellWords(run.Command),
		Seed:       fmt.Sprint(run.Seed),
		Tool:       toolLine(run.Tool),
	}
	if !run.Started.IsZero() {
		v.Started = run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if run.Elapsed > 0 {
		v.Elapsed = strings.ReplaceAll(words.Span(run.Elapsed.D()), " ", "\u00a0")
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
func unbroken(sents []string) []string {
	for i, s := range sents {
		said := page.Glued(s)
		for j := range said {
			said[j] = strings.ReplaceAll(said[j], " ", "\u00a0")
		}
		sents[i] = strings.Join(said, " ")
	}
	return sents
}

// chartsBelow returns the charts below the answer, without the empty ones.
func chartsBelow(a *figures.Analysis) []*page.Figure {
	var out []*page.Figure
	add := func(f *page.Figure) {
		if f != nil {
			out = append(out, f)
		}
	}
	for _, f := range charts.CurveFigures(a) {
		add(f)
	}
	var drawn [][2]string // phase and workload
	for _, c := range a.Pooled {
		s := [2]string{c.Phase, c.Workload}
		if slices.Contains(drawn, s) || a.IsPoint(c.Phase) {
			continue
		}
		drawn = append(drawn, s)
		f := charts.Percentiles(a, c.Phase, c.Workload, len(drawn))
		if f != nil && len(drawn) > 1 {
			f.Title += " (" + words.Plain(c.Phase) + ", " + words.Plain(c.Workload) + ")"
		}
		add(f)
	}
	add(charts.Paired(a, a.Median()))
	add(charts.CPUByRole(a))
	add(charts.MemoryByRole(a))
	add(charts.Strip(a, ancmbench.PeakThroughput, "Peak throughput, closed loop"))
	add(charts.Strip(a, ancmbench.FirstAnswer, "Cold start: from connect to the first answer, nothing running"))
	return out
}

// headlineGrids returns the table of the screen, one per compared target.
func headlineGrids(a *figures.Analysis) []titledGrid {
	if len(a.Series) == 0 {
		return nil
	}
	if len(a.Targets) == 0 {
		g := page.Grid{Head: []string{"", words.Plain(a.Baseline)}}
		for _, name := range a.HeadlineMetrics() {
			if s, ok := a.SeriesOf(name, a.Baseline); ok {
				m, _ := ancmbench.MetricByName(name)
				g.Rows = append(g.Rows, []string{m.Title, words.Amount(s.Center.Value, s.Unit)})
			}
		}
		return []titledGrid{{"", g}}
	}
	var out []titledGrid
	for _, t := range a.Targets {
		g := titledGrid{"", page.Grid{Class: "words",
			Head: []string{"", words.Plain(a.Baseline), words.Plain(t), "difference", "ratio [95 % interval]", "reading"}}}
		if len(a.Targets) > 1 {
			g.Title = words.Plain(t)
		}
		for _, name := range a.HeadlineMetrics() {
			if s, ok := a.Statement(name, t); ok {
				g.Rows = append(g.Rows, []string{figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit),
					figures.Difference(s), stats.Ratio(s.Ratio), figures.Judgement(s)})
			}
			if slo := sentences.SLORow(a, t); slo != nil && name == ancmbench.PeakThroughput {
				g.Rows = append(g.Rows, slo)
			}
		}
		out = append(out, g)
	}
	return out
}

// allGrids returns one table per scenario and target with every metric.
func allGrids(a *figures.Analysis) []titledGrid {
	var out []titledGrid
	for _, s := range a.Statements {
		name := words.Plain(s.Phase) + ", " + words.Plain(s.Workload)
		if s.Rate > 0 {
			name += ", " + words.Rate(s.Rate)
		}
		if len(a.Targets) > 1 {
			name += ": " + words.Plain(s.Target)
		}
		i := slices.IndexFunc(out, func(g titledGrid) bool { return g.Title == name })
		if i < 0 {
			i = len(out)
			out = append(out, titledGrid{name, page.Grid{Head: []string{"metric", words.Plain(a.Baseline), "target", "difference",
				"ratio", "starts", "p (t)", "p (M-W)", "smallest effect", "note"}, Class: "words wide"}})
			if len(a.Targets) == 1 {
				out[i].Head[2] = words.Plain(s.Target)
			}
		}
		out[i].Rows = append(out[i].Rows, statementRow(s))
	}
	return out
}

func statementRow(s figures.Statement) []string {
	p, second, smallest := words.Absent, words.Absent, words.Absent
	if s.P != nil {
		p = pValue(*s.P)
	}
	if s.Second != nil && s.Launches > 1 {
		second = pValue(s.Second.P)
	}
	if s.Smallest != nil {
		smallest = words.Effect(s.Smallest.Share) + " (" + s.Smallest.From + ")"
	}
	return []string{figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit), stats.Signed(s.Difference, s.Unit), stats.Ratio(s.Ratio),
		fmt.Sprint(s.Launches), p, second, smallest, s.Note}
}

func pValue(p float64) string {
	if p < 0.001 {
		return "under 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
