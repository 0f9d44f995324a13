package render

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

var (
	figure = regexp.MustCompile(`(?:under )?[+-]?[0-9][0-9,.]*(?: (?:%|ns|µs|ms|s|min|B|kB|MB|GB|req/s|cores))?x?`)
	spaces = regexp.MustCompile(` +`)
	where  = regexp.MustCompile(`^ \((?:# times)?(?:, )?(?:in [^()]*)?(?:, )?(?:on [^()]*)?\)`)
)

// shape is a line of output without its figures, of which each run has its own.
func shape(line string) string {
	line = figure.ReplaceAllString(strings.ReplaceAll(line, " ~", ""), "#")
	return strings.TrimSpace(spaces.ReplaceAllString(line, " "))
}

// paragraphs joins the lines of a screen that were wrapped: those that are indented
// as far as a label, and those of a sentence that goes on.
func paragraphs(screen string) []string {
	var out []string
	open := false
	for line := range strings.Lines(screen) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			open = false
		case open && (strings.HasPrefix(line, "         ") || !strings.Contains(line, "  ")) && !strings.HasPrefix(line, "profile ") && !strings.HasPrefix(line, "~"):
			out[len(out)-1] += " " + strings.TrimSpace(line)
		default:
			out = append(out, line)
			open = !strings.HasPrefix(line, "~") && !strings.HasPrefix(line, "report ") && !strings.Contains(line, "[95 % interval]")
		}
	}
	for i := range out {
		out[i] = shape(out[i])
	}
	return out
}

// notes are the shapes of all that a screen may have below its trust line: the
// beginning, which says what is the matter, and the end, which says what to do.
func notes() (begins, ends []string) {
	for code, facts := range ancmbench.Warnings {
		w := ancmbench.Warning{Code: code}
		if facts.Unit != "" {
			w.Value = 3
		}
		if facts.Bound {
			w.Bound = 2
		}
		a := advice.Advise([]ancmbench.Warning{w})[0]
		p := page.NewScreen(page.Options{Width: 10_000})
		writeWarning(p, a)
		begin, end, _ := strings.Cut(p.Buf.String(), a.Text)
		begins, ends = append(begins, shape(begin+a.Text)), append(ends, shape(end))
	}
	return begins, ends
}

// isNote reports whether a shape is that of a warning that the program gives.
func isNote(text string) bool {
	begins, ends := notes()
	for i := range begins {
		rest, ok := strings.CutPrefix(text, begins[i])
		if !ok {
			continue
		}
		if at := where.FindString(rest); at != "" {
			rest = rest[len(at):]
		}
		if rest == ends[i] || strings.TrimSpace(rest) == ends[i] {
			return true
		}
	}
	return false
}

// What the manual shows as output is what this version writes, but for the figures.
func TestTheManualShowsTodaysOutput(t *testing.T) {
	manual, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(manual), "<!-- output:begin -->\n```\n")
	block, _, closed := strings.Cut(block, "```\n<!-- output:end -->")
	if !found || !closed {
		t.Fatal("README.md has no block of output")
	}
	run := example.Models().Run()
	run.Command = []string{"ancmbench", "run", "--model=both", "--profile=quick", "--seed=7"}
	today := paragraphs(screen(t, run, page.Options{Report: "results/20260102-030405-quick/report.html"}))
	seen := 0
	for _, p := range paragraphs(block) {
		switch i := slices.Index(today, p); {
		case i >= 0:
			today = slices.Delete(today, i, i+1)
			seen++
		case strings.HasPrefix(p, "~ "), p == "and # more warnings in the report":
		case !isNote(p):
			t.Errorf("README.md shows what this version does not write: %q", p)
		}
	}
	if len(today) > 0 || seen < 12 {
		t.Errorf("README.md lacks what this version writes: %q", today)
	}
}
