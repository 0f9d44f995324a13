package ancmbench_test

import (
	"os"
	"path/filepath"
	"regexp"
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
	verb   = regexp.MustCompile(`(?m)(?:^ {4}|\x60|cmd/)ancmbench ([a-z]+)`)
)

// What the manuals point at is there.
func TestManualsPointAtWhatIsThere(t *testing.T) {
	for _, manual := range []string{"README.md", "CONTRIBUTING.md"} {
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

// isNeighbour tells whether a bare file name is of the folder that the same line
// of a table names: "its rule in `profiles/rules.go` or `phases.go`".
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

// One file per verb, and no verb in the manual that is not there.
func TestManualNamesVerbsThatAreThere(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range verb.FindAllStringSubmatch(read(t, "README.md"), -1) {
		seen[m[1]] = true
		if _, err := os.Stat(filepath.Join("cmd", "ancmbench", m[1]+".go")); err != nil {
			t.Errorf("README.md: ancmbench %s: %v", m[1], err)
		}
	}
	for _, v := range []string{"run", "report", "serve", "load", "profiles"} {
		if !seen[v] {
			t.Errorf("README.md does not show ancmbench %s", v)
		}
	}
}

// CI runs the ritual that the manual asks of people, command by command.
func TestCIRunsTheRitual(t *testing.T) {
	ci := read(t, ".ci/run")
	ritual := 0
	for line := range strings.Lines(read(t, "CONTRIBUTING.md") + read(t, "README.md")) {
		if !strings.HasPrefix(line, "    go ") && !strings.HasPrefix(line, "    gofmt ") || strings.Contains(line, "serve") || strings.Contains(line, "load") {
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
