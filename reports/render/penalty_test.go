package render_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
	"ancmbench/reports/sentences"
)

// What out-of-process costs more than in-process is the loopback penalty, in the title
// and in the first sentence. What another target costs more is a penalty, and a target
// that was measured alone has none.
func TestThePenaltyHasItsName(t *testing.T) {
	swapped := example.Models().Run()
	swapped.Targets[0].Model, swapped.Targets[1].Model = swapped.Targets[1].Model, swapped.Targets[0].Model
	behindBare := example.Models().Run()
	behindBare.Targets[0].Model = ancmbench.Bare
	alone := example.Models()
	alone.Arms = alone.Arms[:1]
	for name, c := range map[string]struct {
		run             *ancmbench.Run
		title, sentence string
	}{
		"models":          {example.Models().Run(), "Loopback penalty: out-of-process against in-process", "The loopback penalty at "},
		"breakdown":       {example.Ladder().Run(), "Loopback penalty: out-of-process against in-process, taken apart", "The loopback penalty at "},
		"the other way":   {swapped, "Penalty: out-of-process against in-process", "The penalty at "},
		"other baseline":  {behindBare, "Penalty: out-of-process against in-process", "The penalty at "},
		"user's servers":  {example.Builds().Run(), "Penalty: head against base", "The penalty at "},
		"a single target": {alone.Run(), "in-process", "in-process, measured alone: "},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := figures.Analyse(c.run)
			if err != nil {
				t.Fatal(err)
			}
			var text, html bytes.Buffer
			if err := render.Text(&text, c.run, a, page.Options{Width: 200}); err != nil {
				t.Fatal(err)
			}
			if err := render.HTML(&html, c.run, a); err != nil {
				t.Fatal(err)
			}
			first := sentences.Answer(c.run, a)[0]
			if !strings.HasPrefix(first, c.sentence) || !strings.Contains(text.String(), c.sentence) {
				t.Errorf("first sentence %q, want %q", first, c.sentence)
			}
			for _, want := range []string{"<title>" + c.title + ":", "<h1>" + c.title + "</h1>", "docs/glossary.md"} {
				if !strings.Contains(html.String(), want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		})
	}
}

// So it is where runs are compared, and where a gate judges one against a stored one.
func TestThePenaltyHasItsNameBesideOthers(t *testing.T) {
	for name, c := range map[string]struct {
		now, then        *ancmbench.Run
		compared, judged string
	}{
		"models":         {example.Models().Run(), example.Models().Run(), "loopback penalty", "loopback penalty"},
		"one is not":     {example.Models().Run(), example.Three().Run(), "penalty", "loopback penalty"},
		"user's servers": {example.Builds().Run(), example.Builds().Run(), "penalty", "penalty"},
	} {
		compared, err := figures.Compare([]figures.NamedRun{{Label: "a", Run: c.then}, {Label: "b", Run: c.now}})
		if err != nil {
			t.Fatal(err)
		}
		var text, markdown bytes.Buffer
		if err := errors.Join(render.CompareText(&text, compared, page.Options{}), render.CompareMarkdown(&markdown, compared)); err != nil {
			t.Fatal(err)
		}
		begin := strings.ToUpper(c.compared[:1]) + c.compared[1:] + " of each target"
		if !strings.HasPrefix(text.String(), begin) || !strings.HasPrefix(markdown.String(), begin) {
			t.Errorf("%s: compare begins %.60q, want %q", name, text.String(), begin)
		}
		v, err := gate.Gate{Form: gate.PenaltyAgainstStored}.Judge(c.now, c.then)
		if err != nil {
			continue // of these two there is none
		}
		if want := "the " + c.judged + " of "; !strings.Contains(v.Headline(), want) && v.Outcome != gate.Invalid {
			t.Errorf("%s: gate says %q, want %q", name, v.Headline(), want)
		}
	}
}

// A reader who meets the short name of a role finds its meaning beside it, on the page
// and on the screen, and the glossary has the words of both.
func TestRolesAreExplained(t *testing.T) {
	run := example.Models().Run()
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	var text, html bytes.Buffer
	if err := render.Text(&text, run, a, page.Options{Width: 2000, AllMetrics: true}); err != nil {
		t.Fatal(err)
	}
	if err := render.HTML(&html, run, a); err != nil {
		t.Fatal(err)
	}
	for _, c := range a.Costs {
		legend := figures.RoleLegend([]figures.RoleCost{c})
		meaning := strings.TrimSuffix(strings.TrimPrefix(legend, "Roles: "), ".")
		if meaning == "" || !strings.Contains(text.String(), meaning) || !strings.Contains(strings.ReplaceAll(html.String(), "&#39;", "'"), meaning) {
			t.Errorf("%s: %q is not explained on page and screen", c.Role, meaning)
		}
	}
	for _, r := range []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleApp, ancmbench.RoleProxy, ancmbench.RoleServer, ancmbench.RoleUpstream} {
		if figures.RoleLegend([]figures.RoleCost{{Role: r}}) == "" {
			t.Errorf("%s has no meaning", r)
		}
	}
	glossary, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"loopback penalty", "target", "fresh start", "detected", "smallest detectable effect", "varied by", "discarded", "invalid", "send lag", "host not quiet", "was", "worker", "front", "app"} {
		if !strings.Contains(string(glossary), "\n| "+word+" |") {
			t.Errorf("the glossary lacks %q", word)
		}
	}
}
