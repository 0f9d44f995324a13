package html

import (
	"bytes"
	stdhtml "html"
	"html/template"
	"regexp"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// On a phone a row stands alone: one that is named by a number has its heading, and others,
// which say what they are, do not.
func TestRowsNamedByANumberHaveTheirHeading(t *testing.T) {
	templates, err := template.New("page").Funcs(functions).Parse(pageTemplate)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	grid := page.Grid{Head: []string{"fresh start", "p50"}, Rows: [][]string{{"12", "1 ms"}, {"memory 2", "3 ms"}}}
	if err := templates.ExecuteTemplate(&b, "table", grid); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(b.String(), "\u00a0", " ")
	for _, want := range []string{`<th scope="row" data-head="fresh start">12</th>`, `<th scope="row">memory 2</th>`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// A fact that holds for all roles of all targets is said once, and one that holds for some
// names them.
func TestMissingIsSaidOnce(t *testing.T) {
	run := example.Models().Run()
	for i := range run.Results {
		for k := range run.Results[i].Usage {
			u := &run.Results[i].Usage[k]
			u.Unsupported = map[string]string{"system_calls": "system calls: the tracepoint cannot be read"}
			if u.Role == "app" {
				u.Unsupported["go_runtime"] = "not our program"
			}
		}
	}
	got := missingParts(run, analysis(t, run))
	if len(got) != 2 || got[0] != "system calls (the tracepoint cannot be read), for all roles" || got[1] != "go runtime (not our program), for out-of-process, app" {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// A page of several targets says of which its first screen is, and the target's sentence on
// the cost stands alone.
func TestFirstScreenNamesItsTarget(t *testing.T) {
	run := example.Hops().Run()
	a := analysis(t, run)
	for _, c := range cardsOf(run, a) {
		if !strings.HasSuffix(c.Name, " by\u00a0out-of-process") && !strings.HasSuffix(c.Name, " by out-of-process") {
			t.Errorf("%+v", c)
		}
	}
	s, _ := pairOf(run, a, a.Median())
	if m := newMatter(a, s); !strings.Contains(m.Sentence, "the penalty of out-of-process") {
		t.Error(m.Sentence)
	}
	run = example.Models().Run()
	if notes := headlineSection(run, analysis(t, run)).Notes; len(notes) == 0 || !strings.HasPrefix(notes[0], "out-of-process costs ") {
		t.Errorf("%q", notes)
	}
}

// A/A is shown for the headline, each metric once, and for all metrics under "All metrics".
// Twins are the same, so a difference between them is no gain.
func TestTwinsOnThePage(t *testing.T) {
	run := example.Three().Run()
	a := analysis(t, run)
	rows := trustSection(run, a).Tables[0].Rows
	if len(rows) != len(a.HeadlineMetrics()) {
		t.Errorf("%d rows, %d metrics: %q", len(rows), len(a.HeadlineMetrics()), rows)
	}
	all := metricsSection(a).Tables
	if last := all[len(all)-1]; !strings.HasPrefix(last.Title, "A/A") || len(last.Rows) != len(a.Noise) || last.Head[1] != "phase" {
		t.Errorf("%+v", last)
	}
	told := a.Noise[:1]
	told[0].Ratio.Interval.Low, told[0].Ratio.Interval.High = 1.01, 1.05
	if row := noiseGrid(told, false).Rows[0]; row[len(row)-1] != "a difference, though the two are the same" {
		t.Errorf("%q", row)
	}
}

// What a metric lacks stands below its table, not in a column that narrows all others.
func TestNotesOfMetrics(t *testing.T) {
	run := example.Models().Run()
	var notes []string
	for _, table := range metricsSection(analysis(t, run)).Tables {
		for _, row := range append(table.Rows, table.Head) {
			if strings.Contains(strings.Join(row, " "), "note") || len(row) != len(table.Head) {
				t.Errorf("%q", row)
			}
		}
		notes = append(notes, table.After...)
	}
	if !strings.Contains(strings.Join(notes, "\n"), "CPU per request, app: not both have a role app.") || strings.Count(strings.Join(notes, "\n"), "not both have a role app") > 2 || !strings.Contains(strings.Join(notes, "\n"), "memory loaded, app (PSS); memory idle, app (PSS)") {
		t.Errorf("%q", notes)
	}
}

// Several targets have a row each in two tables, and fresh starts of them a row each in one of
// four columns: a column for each would be wider than a page.
func TestTablesOfManyTargets(t *testing.T) {
	run := example.Hops().Run()
	a := analysis(t, run)
	tables := headlineTables(a)
	if len(tables) != 2 || len(tables[0].Rows) != 6 || len(tables[1].Rows) != 5 || tables[1].Rows[1][0] != "nginx" || !strings.Contains(tables[1].Rows[1][1], "x [") {
		t.Errorf("%+v", tables)
	}
	for _, f := range startsSection(a).Figures {
		if f.ID == "starts" && (len(f.Table.Head) != 4 || len(f.Table.Rows) != 36) {
			t.Errorf("%d rows under %q", len(f.Table.Rows), f.Table.Head)
		}
	}
}

// The mark of an undetected difference stays with its interval, and a bound's sign with its
// number.
func TestFiguresStayWhole(t *testing.T) {
	for text, want := range map[string]string{"0.84x [0.67, 1.05] ~": "0.84x [0.67,\u00a01.05]\u00a0~", "< 10,400 req/s": "<\u00a010,400\u00a0req/s", "2.42x less [1.06, 5.54]": "2.42x less [1.06,\u00a05.54]"} {
		if got := whole(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

var (
	hiddenText = regexp.MustCompile(`(?s)<(script|style|svg|pre)[ >].*?</(script|style|svg|pre)>`)
	prose      = regexp.MustCompile(`(?s)<(p|li|dd|td)[ >].*?</(p|li|dd|td)>`)
	apart      = regexp.MustCompile(`.{0,20}\d (%|(ms|µs|ns|s|MB|kB|cores?|req/s|requests/s)\b).{0,8}`)
)

// No line of a page can break between a number and its unit.
func TestFiguresStayWholeOnThePage(t *testing.T) {
	for name, run := range map[string]*ancmbench.Run{"models": example.Models().Run(), "hops": example.Hops().Run(), "three": example.Three().Run()} {
		var b bytes.Buffer
		if err := Run(&b, run, analysis(t, run)); err != nil {
			t.Fatal(err)
		}
		found := prose.FindAllString(hiddenText.ReplaceAllString(b.String(), ""), -1)
		if len(found) < 50 {
			t.Fatalf("%s: %d pieces of text", name, len(found))
		}
		for _, text := range found {
			if at := apart.FindString(stdhtml.UnescapeString(text)); at != "" {
				t.Errorf("%s: %q", name, at)
			}
		}
	}
}

// A broken threshold is on the first screen of a load.
func TestBrokenThresholdOnTheFirstScreen(t *testing.T) {
	lead := loadLead(Loaded{Result: &ancmbench.Result{Response: new(ancmbench.Histogram)}, Held: []Held{{"threshold p50 <= 5ms: kept, 1.00 ms", true}, {"threshold p99 <= 5ms: broken, 216 ms", false}}})
	if len(lead.Alerts) != 1 || !strings.HasPrefix(lead.Alerts[0], "Threshold p99 <= 5ms: broken") {
		t.Errorf("%q", lead.Alerts)
	}
}

// The figures of the first screen have their units and intervals, and say where no difference
// was detected.
func TestCards(t *testing.T) {
	run := example.Models().Run()
	cards := cardsOf(run, analysis(t, run))
	for i, want := range []Card{{Unit: "ms", Name: "added at the median"}, {Unit: "cores", Name: "added at 400\u00a0requests/s"}, {Unit: "MB", Name: "added per instance"}} {
		if c := cards[i]; c.Unit != want.Unit || c.Name != want.Name || !strings.HasPrefix(c.Value, "+") || !strings.HasPrefix(c.More, "95\u00a0%: +") {
			t.Errorf("%+v", c)
		}
	}
	same := example.Models()
	same.Arms[1] = same.Arms[0]
	same.Arms[1].Name = "copy"
	run = same.Run()
	if c := cardsOf(run, analysis(t, run))[0]; !strings.HasSuffix(c.More, "no difference detected") {
		t.Errorf("%+v", c)
	}
	for v, want := range map[float64]string{45.7e-6: "+0.046 ms", -2e-3: "-2.00 ms", 0.123: "+123 ms"} {
		if got := milliseconds(v); got != want {
			t.Errorf("%v s: %s, want %s", v, got, want)
		}
	}
}
