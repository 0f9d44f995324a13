package page

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

func TestWrapKeepsUnits(t *testing.T) {
	for width := 14; width < 60; width++ {
		for _, l := range wrap("it takes 225 µs instead of 101 µs, and 7.18 MB. At 400 requests/s that is 95 % sure", width) {
			for _, unit := range []string{"µs", "MB", "requests/s", "%"} {
				if strings.HasPrefix(l, unit) {
					t.Fatalf("width %d: a line begins with %q: %q", width, unit, l)
				}
			}
			if text.StringWidth(l) > width {
				t.Fatalf("width %d: %q is longer", width, l)
			}
		}
	}
}

// A word that no line holds is split, and nothing of it is lost.
func TestWrapSplitsLongWords(t *testing.T) {
	for width := 2; width < 40; width++ {
		for _, said := range []string{strings.Repeat("word", 30), "of " + strings.Repeat("服务", 20) + " too"} {
			lines := wrap(said, width)
			for _, l := range lines {
				if text.StringWidth(l) > width {
					t.Fatalf("width %d: %q is longer", width, l)
				}
			}
			if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(said, " ", "") {
				t.Fatalf("width %d: %q became %q", width, said, got)
			}
		}
	}
}

// A wrapped command is still one command for a shell.
func TestCommandCanBeCopied(t *testing.T) {
	p := NewScreen(Options{Width: 60})
	p.Command("repeat   ", []string{"ancmbench", "run", "--target", "a=http://127.0.0.1:5000/some/long/path", "--target", "b c", "--rate=500", "--seed=7"})
	lines := strings.Split(strings.TrimSuffix(p.Buf.String(), "\n"), "\n")
	if len(lines) < 2 {
		t.Fatalf("not wrapped: %q", lines)
	}
	for i, l := range lines {
		if want := i < len(lines)-1; strings.HasSuffix(l, ` \`) != want || text.StringWidth(l) > 60 {
			t.Errorf("line %d of %d: %q", i+1, len(lines), l)
		}
	}
	if !strings.Contains(p.Buf.String(), "'b c'") {
		t.Errorf("not quoted: %q", lines)
	}
}

// A table that does not fit keeps every cell whole, beside the name of its column.
func TestTableBecomesBlocks(t *testing.T) {
	make := func() *Table {
		tab := NewTable()
		tab.AppendHeader(table.Row{"", "in-process", "out-of-process", "", "ratio [95 % interval]"})
		tab.AppendRow(table.Row{"  peak throughput", "84,300 req/s", "36,800 req/s", "a remark", "2.29x less [2.291, 2.294]"})
		tab.SetColumnConfigs(append(Columns(4, 5), table.ColumnConfig{Number: 4, Hidden: true}))
		return tab
	}
	want := "  peak throughput\n  in-process 84,300 req/s · out-of-process 36,800 req/s\n  ratio [95 % interval] 2.29x less [2.291, 2.294]"
	if got := Fit(make(), 60); got != want {
		t.Errorf("60 columns:\n%s\nwant\n%s", got, want)
	}
	if got := Fit(make(), 68); !strings.Contains(got, "  peak ") || !strings.Contains(got, "\n  throughput") { // the title gives way first
		t.Errorf("68 columns:\n%s", got)
	}
	if got := Fit(make(), 100); strings.Count(got, "\n") != 1 {
		t.Errorf("100 columns:\n%s", got)
	}
}
