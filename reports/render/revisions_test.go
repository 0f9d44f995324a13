package render

import (
	"bytes"
	"encoding/json"
	"html"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// What base and head were built from is in everything that names the two, so that the
// reader of a summary knows what was compared; a run that does not know says nothing.
func TestRevisionsAreEverywhere(t *testing.T) {
	run := example.GateRun(nil)
	outputs := func() map[string]string {
		v, a := judged(t, gate.Gate{}, run, nil), analysed(t, run)
		fill := func(write func(*bytes.Buffer) error) string { return filled(t, write) }
		return map[string]string{
			"terminal":          strings.Join(strings.Fields(gateText(t, v, page.Options{Width: 80})), " "),
			"Markdown":          gateMarkdown(t, v),
			"JUnit":             html.UnescapeString(junit(t, v)),
			"JSON":              fill(func(b *bytes.Buffer) error { return json.NewEncoder(b).Encode(v) }),
			"HTML of the run":   fill(func(b *bytes.Buffer) error { return HTML(b, run, a) }),
			"screen of the run": fill(func(b *bytes.Buffer) error { return Text(b, run, a, page.Options{}) }),
		}
	}
	for name, text := range outputs() {
		if strings.Contains(strings.ToLower(text), "built from") || strings.Contains(text, "revision") {
			t.Errorf("%s: speaks of revisions that nobody knows", name)
		}
	}
	run.Targets[0].Revision = &ancmbench.Revision{Commit: "1a2b3c4", Subject: "Keep alive by default"}
	run.Targets[1].Revision = &ancmbench.Revision{Commit: "5d6e7f8", Subject: "not what was measured", Modified: true}
	run.Targets[2].Revision = run.Targets[0].Revision // the twin's
	for name, text := range outputs() {
		want := []string{"base 1a2b3c4 Keep alive by default; head working tree on 5d6e7f8"}
		switch name {
		case "JUnit":
			want = []string{`name="baseline.revision" value="1a2b3c4 Keep alive by default"`, `name="target.revision" value="working tree on 5d6e7f8"`}
		case "JSON":
			want = []string{`"baseline_revision":{"commit":"1a2b3c4","subject":"Keep alive by default"}`, `"target_revision":{"commit":"5d6e7f8"`, `"modified":true`}
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q", name, w)
			}
		}
		if n := strings.Count(text, "1a2b3c4"); n != 1 {
			t.Errorf("%s: the base's revision is there %d times", name, n)
		}
	}
}

// A commit's subject is anybody's text: it breaks no format, and no screen.
func TestHostileSubject(t *testing.T) {
	run := example.GateRun(nil)
	run.Targets[1].Revision = &ancmbench.Revision{Commit: "5d6e7f8",
		Subject: "<script>x</script> | @team \x1b[31m [l](http://x)\r\n::error::x " + strings.Repeat("long ", 50)}
	v := judged(t, gate.Gate{}, run, nil)
	md, doc := gateMarkdown(t, v), htmlOf(t, run)
	for _, bad := range []string{"<script", "@team", "[l](http", "\x1b", "\n::error"} {
		for name, text := range map[string]string{"Markdown": md, "HTML": doc, "terminal": gateText(t, v, page.Options{})} {
			if strings.Contains(text, bad) && (name == "Markdown" || bad[0] != '@' && bad[0] != '[' && (name == "HTML" || bad != "<script")) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	if n := len([]rune(figures.RevisionWords(v.TargetRevision))); n > len("5d6e7f8 ")+figures.LongestSubject {
		t.Errorf("%d runes of a subject", n)
	}
}
