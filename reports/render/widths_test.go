package render

import (
	"bytes"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// screens writes every screen that there is of a run at a width.
func screens(t *testing.T, run *ancmbench.Run, width int) map[string]string {
	t.Helper()
	opts := page.Options{Width: width, Report: "results/x/report.html"}
	all := opts
	all.AllMetrics = true
	a := analysed(t, run)
	out := map[string]string{}
	add := func(name string, write func(io.Writer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	add("report", func(w io.Writer) error { return Text(w, run, a, opts) })
	add("report of all metrics", func(w io.Writer) error { return Text(w, run, a, all) })
	for n, name := range []string{2: "compare two", 5: "compare five"} {
		if name == "" {
			continue
		}
		var runs []figures.NamedRun
		for i := range n {
			runs = append(runs, figures.NamedRun{Label: string(rune('a'+i)) + ": 2026-01-02 03:04 standard", Run: run})
		}
		c := compared(t, runs...)
		add(name, func(w io.Writer) error { return CompareText(w, c, opts) })
	}
	for _, g := range []gate.Gate{{}, {Budgets: budgets(t, "response p50 <= 1us", "memory <= 3GB")}} {
		if v, err := g.Judge(run, nil); err == nil {
			add("gate", func(w io.Writer) error { return GateText(w, v, opts) })
		}
	}
	if found, err := figures.CheckBreakdown(run, example.Independent(1, 1).Run()); err == nil {
		add("check", func(w io.Writer) error { return CheckText(w, found, opts) })
	}
	for _, work := range []float64{0.001, 0} {
		if found, err := figures.Predict(run, figures.Question{AppTime: work, Rate: 500}); err == nil {
			add("predict", func(w io.Writer) error { return PredictText(w, run, found, opts) })
		}
	}
	return out
}

var (
	copied     = regexp.MustCompile(`^(report|repeat) {3}|^ {9}\S+( \\)?$`) // never split, so that what is copied is whole
	aNumber    = regexp.MustCompile(`(^|[ (\[~])[+-]?[0-9][0-9,.]*$`)
	aUnit      = regexp.MustCompile(`^(%|ns|µs|ms|s|min|h|B|kB|MB|GB|req/s|requests/s|cores)([ .,;:)\]]|$)`)
	openedHere = regexp.MustCompile(`\[[^\]]*$`)
)

// brokenAt returns what is wrong with the lines of a screen: a line that is too long, a
// figure without its unit, an interval in two parts.
func brokenAt(screen string, width int) (faults []string) {
	lines := strings.Split(screen, "\n")
	for i, line := range lines {
		if n := text.StringWidth(line); n > width && !copied.MatchString(line) {
			faults = append(faults, "too long: "+line)
		}
		if i+1 == len(lines) || copied.MatchString(line) {
			continue
		}
		next := strings.TrimSpace(lines[i+1])
		if aNumber.MatchString(line) && aUnit.MatchString(next) || openedHere.MatchString(line) {
			faults = append(faults, "broken: "+line+" / "+next)
		}
	}
	return faults
}

// Whatever the run, no line of any screen is longer than the terminal, and no figure is on
// another line than its unit.
func TestScreensFitTheTerminal(t *testing.T) {
	long := example.Models()
	long.Arms[0].Name, long.Arms[1].Name = strings.Repeat("服务", 60), strings.Repeat("verylongname", 30)
	many := example.Models()
	for i := range 7 {
		rung := many.Arms[1]
		rung.Name = "out-of-process-rung-" + string(rune('a'+i))
		many.Arms = append(many.Arms, rung)
	}
	runs := map[string]*ancmbench.Run{"models": example.Models().Run(), "three": example.Three().Run(), "many": many.Run(), "long names": long.Run(),
		"killed": example.Killed(), "loud": loud(), "ladder": example.Ladder().Run(), "curve of an example": example.CurveRun()}
	for _, name := range []string{"smoke", "curve", "rungs", "gate"} {
		runs[name] = before(t, name)
	}
	seen := map[string]bool{}
	for name, run := range runs {
		for _, width := range []int{60, 80, 120} {
			for what, screen := range screens(t, run, width) {
				seen[what] = true
				for _, fault := range brokenAt(screen, width) {
					t.Errorf("%s of %s, %d columns: %s", what, name, width, fault)
				}
			}
		}
	}
	if want := []string{"check", "compare five", "compare two", "gate", "predict", "report", "report of all metrics"}; !slices.Equal(slices.Sorted(maps.Keys(seen)), want) {
		t.Errorf("only %v were written", seen)
	}
}

// loud is a run with every warning.
func loud() *ancmbench.Run {
	run := example.Models().Run()
	for _, c := range slices.Sorted(maps.Keys(ancmbench.Warnings)) {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: c, Value: 0.237, Bound: 0.1, Detail: "some detail"})
	}
	return run
}

// The rule itself, on invented lines.
func TestBrokenLinesAreFound(t *testing.T) {
	for screen, want := range map[string]int{
		"it takes 225\nµs":                    1,
		"about 62\n         % of it":          1,
		"it takes 225 µs\nmore":               0,
		"2.19x [1.98,\n2.42]":                 1,
		"p50\ns is no unit here":              0,
		strings.Repeat("x", 61):               1,
		"report   " + strings.Repeat("x", 61): 0,
	} {
		if got := brokenAt(screen, 60); len(got) != want {
			t.Errorf("%q: %q, want %d faults", screen, got, want)
		}
	}
}
