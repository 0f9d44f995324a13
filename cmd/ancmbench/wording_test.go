package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// retired are words that had a private sense, each with the standard word in its place.
var retired = []struct {
	was *regexp.Regexp
	now string
}{
	{regexp.MustCompile(`To do:`), "Fix:"},
	{regexp.MustCompile(`\btold (here|apart|from)\b|\b(is|are|be|been|was|not|difference|change|effect|could have) told\b`), "detected, distinguished"},
	{regexp.MustCompile(`\btells no\b|\bwould tell\b|\bcan tell\b`), "detect"},
	{regexp.MustCompile(`(?i)\bvoid (trial|run)|\b(run|trial)s? (is|are|was|were) void\b|: void,`), "discarded, invalid"},
	{regexp.MustCompile(`\bmoved by\b`), "varied by"},
	{regexp.MustCompile(`^holds$|\bholds [0-9.]+ .?B\b|\bholds %s more`), "uses"},
	{regexp.MustCompile(`\bleft late\b`), "sent late"},
	{regexp.MustCompile(`\bthrown out\b`), "discarded"},
	{regexp.MustCompile(`\bhost is not fit\b`), "not quiet"},
	{regexp.MustCompile(`(?i)\b(an|the|each|every|first|other) arms?\b`), "target"},
	{regexp.MustCompile(`(?i)\b(recorded|median|several|more|many|per) launch(es)?\b|\blaunches of\b`), "fresh start"},
}

// ownSense are uses of "told" in its ordinary sense, of programs.
var ownSense = regexp.MustCompile(`\bapp is told\b|\bit was told\b|\bwas not told\b|\bit is told\b|\bscheduler is not told\b`)

// retiredIn names the retired words of a text, each with what to write.
func retiredIn(text string) []string {
	var found []string
	text = ownSense.ReplaceAllString(strings.Join(strings.Fields(text), " "), "")
	for _, r := range retired {
		if m := r.was.FindString(text); m != "" {
			found = append(found, strconv.Quote(m)+": write "+r.now)
		}
	}
	return found
}

// The sentences that users read use the standard words of the field: every string of
// the commands and of the reports, the template, the goldens, the help and the manuals.
func TestUsersReadStandardWords(t *testing.T) {
	texts := map[string]string{}
	for _, root := range []string{".", "../../reports"} {
		for name, text := range stringsBelow(t, root) {
			texts[name] = text
		}
	}
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../reports/html/*.tmpl", "../../reports/render/testdata/*.*", "testdata/script/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(b)
		}
	}
	helps := 0
	for _, c := range append(newRoot().Commands(), newRoot()) {
		texts["help of "+c.Name()] = helpOf(c)
		helps++
	}
	if len(texts) < 100 || helps < 12 {
		t.Fatalf("only %d texts, with %d helps", len(texts), helps)
	}
	for name, text := range texts {
		for paragraph := range strings.SplitSeq(text, "\n\n") {
			if found := retiredIn(paragraph); len(found) > 0 {
				t.Errorf("%s: %s, in %.300q", name, strings.Join(found, "; "), paragraph)
			}
		}
	}
}

// Each retired word is found in a sentence that had it, and no sentence of today is
// mistaken for one.
func TestRetiredWordsAreFound(t *testing.T) {
	for _, said := range []string{
		"lower the rate. To do: stop other work", "smallest p50 effect told here about 6.4 %", "no difference told: the 95 % interval includes 1",
		"the part cannot be told from nothing", "could have told 95 % with 9 fresh starts", "A bar that crosses the line at 1 tells no difference",
		"0 void trials", "the run is void: a server died", "latency: void, the generator was late", "p50 of in-process moved by 5.3 %",
		"and holds\n24 MB more memory", "requests left late, by 24.9 us", "2 trials thrown out", "this host is not fit: steal",
		"an arm that uses more than 0.5 %", "drawn from 165 recorded launches",
	} {
		if len(retiredIn(said)) == 0 {
			t.Errorf("nothing is found in %q", said)
		}
	}
	for _, said := range []string{"the app is told port, token and path", "it holds the listening socket", "raise --launches", "the interval rests on fresh starts"} {
		if found := retiredIn(said); len(found) > 0 {
			t.Errorf("%q: %v", said, found)
		}
	}
}

func helpOf(c *cobra.Command) string {
	var b bytes.Buffer
	c.SetOut(&b)
	_ = c.Help()
	return b.String()
}

// stringsBelow has the string literals of the Go files below a folder, tests left out,
// one text per file.
func stringsBelow(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		var said []string
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					said = append(said, s)
				}
			}
			return true
		})
		out[name] = strings.Join(said, "\n\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
