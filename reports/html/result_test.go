package html

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
)

// A thinned results file is one, says the same to 2 %, and takes much less room.
func TestThinnedResultSaysTheSame(t *testing.T) {
	run := example.Three().Run()
	f := ResultFile(run)
	var whole, thin bytes.Buffer
	if err := f.Write(&whole); err != nil {
		t.Fatal(err)
	}
	if err := f.Instead.Write(&thin); err != nil {
		t.Fatal(err)
	}
	if thin.Len() > whole.Len()*3/4 {
		t.Errorf("%d bytes of %d", thin.Len(), whole.Len())
	}
	back, err := ancmbench.DecodeRun(thin.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want, got := analysis(t, run), analysis(t, back)
	if len(got.Statements) != len(want.Statements) {
		t.Fatalf("%d statements of %d", len(got.Statements), len(want.Statements))
	}
	for i, s := range want.Statements {
		if r := got.Statements[i].Ratio; s.Ratio != nil && (r == nil || math.Abs(r.Value/s.Ratio.Value-1) > 0.02) {
			t.Errorf("%s of %s: %+v, want %v", s.Metric, s.Target, r, s.Ratio.Value)
		}
	}
}

func analysis(t *testing.T, run *ancmbench.Run) *figures.Analysis {
	t.Helper()
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A file that does not fit gives way to the one instead of it, and those after it still find
// room.
func TestFilesThatDoNotFit(t *testing.T) {
	run := example.Three().Run()
	result := ResultFile(run)
	var thin bytes.Buffer
	if err := result.Instead.Write(&thin); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int][]string{1 << 20: {"result.json"}, 60_000: {"result.json -", "result-thinned.json"}, 100: {"result.json -", "result-thinned.json -"}} {
		_, files, err := packed([]File{result}, most)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			name := f.Name
			if f.Absent != "" {
				name += " -"
			}
			got = append(got, name)
		}
		if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("in %d bytes: %v, want %v", most, got, want)
		}
	}
}

// The words of the page are those of the glossary.
func TestGlossaryIsTheOneOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range glossary {
		if !strings.Contains(string(manual), "| "+term.Word+" | "+term.Meaning+" |") {
			t.Errorf("docs/glossary.md says something else of %q", term.Word)
		}
	}
}
