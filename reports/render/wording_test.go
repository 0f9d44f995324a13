package render

import (
	"bytes"
	"html"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// A program of the user's is named alike wherever its run is spoken of, as text that
// can do nothing; another run's program is a difference, and no other subject.
func TestReportsNameTheProgram(t *testing.T) {
	run := example.Models().Run()
	run.Subject, run.Program = ancmbench.SubjectProgram, "dotnet <Shop>.dll\x1b[31m --verbose"
	const shown = "dotnet <Shop>.dll\uFFFD[31m --verbose"
	v := judged(t, gate.Gate{}, run, nil)
	var document, prediction bytes.Buffer
	if err := JSON(&document, run, analysed(t, run), ""); err != nil {
		t.Fatal(err)
	}
	if err := PredictText(&prediction, run, make([]figures.Prediction, 1), page.Options{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"the summary":       screen(t, run, page.Options{Width: 200}),
		"report.html":       html.UnescapeString(htmlOf(t, run)),
		"the gate's text":   gateText(t, v, page.Options{Width: 200}),
		"the gate's table":  html.UnescapeString(strings.ReplaceAll(gateMarkdown(t, v), `\`, "")),
		"the prediction":    prediction.String(),
		"the chart's title": charts.NewPlot(run, "title", "x").Title.Text,
	} {
		if !strings.Contains(text, shown) {
			t.Errorf("%s does not name the program:\n%s", what, text)
		}
		if !strings.Contains(text, "your program ("+shown+") behind our module (Go, not IIS)") || strings.Contains(text, "reference models") {
			t.Errorf("%s has another subject:\n%s", what, text)
		}
		if strings.Contains(text, "\x1b[31m") {
			t.Errorf("%s passes a control character on", what)
		}
	}
	if !strings.Contains(document.String(), `"program": "dotnet <Shop>.dll\u001b[31m --verbose"`) {
		t.Error("the JSON document does not name the program")
	}
	if e := figures.History(run, analysed(t, run), ""); e.Program != run.Program {
		t.Errorf("the history names the program %q", e.Program)
	}
	other := *run
	other.Program = "dotnet Shop2.dll"
	c, err := figures.Compare([]figures.NamedRun{{Label: "a", Run: run}, {Label: "b", Run: &other}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "b: program: dotnet Shop2.dll instead of " + shown; len(c.Differences) != 1 || c.Differences[0] != want {
		t.Errorf("differences %q, want %q", c.Differences, want)
	}
}

// A slice that was fitted to a server is no rounder than its median was; a person is
// shown three digits of it.
func TestDealingInWords(t *testing.T) {
	for _, c := range []struct {
		dealing ancmbench.Dealing
		want    string
	}{
		{ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(67942300 * time.Nanosecond)}, "alternating every 67.9 ms"},
		{ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(50 * time.Millisecond)}, "alternating every 50 ms"},
		{ancmbench.Dealing{Kind: ancmbench.Slices}, "alternating"},
		{ancmbench.Dealing{Kind: ancmbench.Duel}, "request-by-request A/B"},
		{ancmbench.Dealing{Kind: ancmbench.Single}, "one target at a time"},
	} {
		if got := figures.Dealing(c.dealing); got != c.want {
			t.Errorf("%+v: %q, want %q", c.dealing, got, c.want)
		}
	}
	run := example.Models().Run()
	for i := range run.Results {
		run.Results[i].Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(67942300 * time.Nanosecond)}
	}
	for what, text := range map[string]string{"the summary": screen(t, run, page.Options{Width: 200}), "report.html": htmlOf(t, run)} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), "every 67.9 ms") || strings.Contains(text, "67.94") {
			t.Errorf("%s has another slice than 67.9 ms:\n%s", what, text)
		}
	}
}
