package ancmbench_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	quoted = regexp.MustCompile("`([A-Za-z0-9_./]+(?:\\.(?:go|yaml|sh|md|json)|/))`")
	linked = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	verb   = regexp.MustCompile(`(?m)(?:(?:^|\x60|cmd/)ancmbench |^\| \x60)([a-z]+)[\x60 ]`)
)

// Every file that a manual names exists.
func TestManualsNameExistingFiles(t *testing.T) {
	for _, manual := range []string{"README.md", "CONTRIBUTING.md"} { // TestCommentsNameExistingFiles has the rest
		text := read(t, manual)
		found := 0
		for _, re := range []*regexp.Regexp{quoted, linked} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				file := m[1]
				if strings.HasPrefix(file, "results") || file == "result.json" || file == "mine.yaml" {
					continue // made by a run
				}
				found++
				if _, err := os.Stat(filepath.FromSlash(file)); err != nil && !isNeighbour(text, file) {
					t.Errorf("%s points at %s: %v", manual, file, err)
				}
			}
		}
		if found < 2 {
			t.Errorf("%s: found %d files, so the pattern is broken", manual, found)
		}
	}
}

// isNeighbour reports whether a bare file name is in a folder that the same line of a table
// names: "its rule in `profiles/rules.go` or `phases.go`".
func isNeighbour(text, file string) bool {
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "`"+file+"`") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(m[1]), file)); err == nil {
				return true
			}
		}
	}
	return false
}

// verbs returns the subcommands, read from the source that adds them.
func verbs(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`new([A-Z][a-z]+)Command\(\)`).FindAllStringSubmatch(read(t, "cmd/ancmbench/root.go"), -1) {
		out = append(out, strings.ToLower(m[1]))
	}
	if len(out) < 12 {
		t.Fatalf("found only %v", out)
	}
	return out
}

// Every verb is in a file of its name and in the manual, and the manual has no other.
func TestManualListsTheVerbs(t *testing.T) {
	manual := read(t, "README.md")
	there := verbs(t)
	for _, v := range there {
		def := "func new" + strings.ToUpper(v[:1]) + v[1:] + "Command("
		if b, err := os.ReadFile(filepath.Join("cmd", "ancmbench", v+".go")); err != nil || !strings.Contains(string(b), def) {
			t.Errorf("cmd/ancmbench/%s.go does not define the command %s: %v", v, v, err)
		}
		if !regexp.MustCompile(`\bancmbench ` + v + `\b|(?m)^\| .*\x60` + v + `[\x60 ].*\|`).MatchString(manual) {
			t.Errorf("README.md does not show ancmbench %s", v)
		}
	}
	for _, m := range verb.FindAllStringSubmatch(manual, -1) {
		if !slices.Contains(there, m[1]) && m[1] != "completion" { // the library makes that one
			t.Errorf("README.md shows ancmbench %s, which is no command", m[1])
		}
	}
}

// CI runs the same checks that the manual asks of people, command by command.
func TestCIRunsTheRitual(t *testing.T) {
	ci := read(t, ".ci/run")
	ritual := 0
	for line := range strings.Lines(read(t, "CONTRIBUTING.md") + read(t, "README.md")) {
		if line = strings.TrimPrefix(line, "    "); !strings.HasPrefix(line, "go ") && !strings.HasPrefix(line, "gofmt ") || strings.Contains(line, "serve") || strings.Contains(line, "load") {
			continue
		}
		command, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if strings.HasPrefix(command, "go run ./cmd/ancmbench run") { // CI takes the short profile
			command = "go run ./cmd/ancmbench run"
		}
		if tool, version, ok := strings.Cut(command, "@"); ok { // the version stands in a variable
			version, _, _ = strings.Cut(version, " ")
			command = strings.TrimPrefix(tool, "go run ") + "@" + version
		}
		ritual++
		if !strings.Contains(ci, command) {
			t.Errorf("CI does not run %q", command)
		}
	}
	if ritual < 6 {
		t.Errorf("found %d commands in the manuals, and there are 6", ritual)
	}
}
