package models_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateConformance = flag.Bool("update", false, "write CONFORMANCE.md anew")

const conformanceFile = "../CONFORMANCE.md"

// row is one behaviour of the real module, and how far ours shows it. Without
// missing and notBuilt its tests show all of it.
type row struct {
	id, what string
	missing  string // what the tests do not show
	notBuilt string // why there is neither behaviour nor test
}

var (
	rowID = regexp.MustCompile(`(CF|IP|OP|BM|WA)-\d\d`)
	// A subtest's name begins with the rows that it shows.
	rowTest = regexp.MustCompile(`^((?:(?:CF|IP|OP|BM|WA)-\d\d_)+)[^\s:]*$`)
	verb    = regexp.MustCompile(`%[a-z]`)
)

// conformanceTests returns the names of the subtests below dir, by row. What a name
// gets when the test runs is a star.
func conformanceTests(dir string) (map[string][]string, error) {
	tests := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			name := literal(n)
			ids := rowTest.FindStringSubmatch(name)
			if ids == nil {
				return true
			}
			name = verb.ReplaceAllString(name, "*")
			if strings.HasSuffix(name, "_") {
				name += "*" // the rest is added
			}
			for _, id := range rowID.FindAllString(ids[1], -1) {
				if !slices.Contains(tests[id], name) {
					tests[id] = append(tests[id], name)
				}
			}
			return true
		})
		return nil
	})
	for _, names := range tests {
		slices.Sort(names)
	}
	return tests, err
}

func literal(n ast.Node) string {
	if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
		if s, err := strconv.Unquote(l.Value); err == nil && !strings.Contains(s, "\n") {
			return s
		}
	}
	return ""
}

// conformance returns the text of the table, and every fault of the rows and their
// tests.
func conformance(rows []row, tests map[string][]string) (text []byte, faults []string) {
	var b bytes.Buffer
	shown, partly, absent := 0, 0, 0
	var lines bytes.Buffer
	known := map[string]bool{}
	for _, r := range rows {
		names := tests[r.id]
		status := "shown"
		switch {
		case known[r.id]:
			faults = append(faults, r.id+" is there twice")
		case r.what == "":
			faults = append(faults, r.id+" does not say what it is")
		case r.notBuilt != "" && (len(names) > 0 || r.missing != ""):
			faults = append(faults, r.id+" has tests or parts, and is said not to be built")
		case r.notBuilt == "" && len(names) == 0:
			faults = append(faults, r.id+" has no test")
		}
		known[r.id] = true
		switch {
		case r.notBuilt != "":
			status = "not built: " + r.notBuilt
			absent++
		case r.missing != "":
			status = "partly; missing: " + r.missing
			partly++
		default:
			shown++
		}
		var cells []string
		for _, name := range names {
			cells = append(cells, "`"+name+"`")
		}
		fmt.Fprintf(&lines, "| %s | %s | %s | %s |\n", r.id, r.what, strings.Join(cells, "<br>"), status)
	}
	for _, id := range slices.Sorted(maps.Keys(tests)) {
		if !known[id] {
			faults = append(faults, "tests are named for "+id+", which is no row")
		}
	}
	fmt.Fprintf(&b, conformanceHead, len(rows), shown, partly, absent)
	b.Write(lines.Bytes())
	return b.Bytes(), faults
}

const conformanceHead = `# What the models do of the module

<!-- Written by: go test ./models -run TestConformance -update -->

Each row is a behaviour of the ASP.NET Core Module, or of the modules beside it, after its documentation and its source. CF is configuration,
IP in-process, OP out-of-process, BM both models, WA Windows authentication. The tests are subtests below ` + "`./models`" + `; a star stands for the part of a name that is only known when the test runs:

    go test ./models/... -v -run '/(CF|IP|OP|BM|WA)-'

A test whose name ends in ASP.NET has a real ASP.NET Core app, with Microsoft's IIS Integration; it runs where the SDK of .NET is installed.

Of %d rows %d are shown, %d partly, %d not built. "Shown" is what the tests show on Linux: no row was tested on Windows (` + "`scripts/windows.sh`" + ` only hosts both models under Wine), and none against the real module.

| id | what | tests | status |
|---|---|---|---|
`

func TestConformance(t *testing.T) {
	tests, err := conformanceTests(".")
	if err != nil {
		t.Fatal(err)
	}
	want, faults := conformance(conformanceRows(), tests)
	for _, f := range faults {
		t.Error(f)
	}
	if *updateConformance {
		if err := os.WriteFile(conformanceFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(conformanceFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what rows and tests say: go test ./models -run TestConformance -update", conformanceFile)
	}
}

// The check itself, on rows that are made up.
func TestConformanceFaults(t *testing.T) {
	dir := t.TempDir()
	const source = `package a
func TestX(t *testing.T) {
	t.Run("OP-01_OP-02_both", f)
	t.Run("OP-03_"+name, f)
	t.Errorf("OP-04 is no test's name")
	t.Errorf("OP-04_: neither")
}
`
	if err := os.WriteFile(filepath.Join(dir, "a_test.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	tests, err := conformanceTests(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(tests), "map[OP-01:[OP-01_OP-02_both] OP-02:[OP-01_OP-02_both] OP-03:[OP-03_*]]"; got != want {
		t.Fatalf("tests %s, want %s", got, want)
	}
	for _, c := range []struct {
		name string
		rows []row
		want string
	}{
		{"right", []row{{id: "OP-01", what: "a"}, {id: "OP-02", what: "b"}, {id: "OP-03", what: "c", missing: "d"}, {id: "OP-04", what: "e", notBuilt: "f"}}, "[]"},
		{"no test", []row{{id: "OP-01", what: "a"}, {id: "OP-02", what: "b"}, {id: "OP-03", what: "c"}, {id: "OP-04", what: "d"}}, "[OP-04 has no test]"},
		{"no row", []row{{id: "OP-01", what: "a"}, {id: "OP-02", what: "b"}}, "[tests are named for OP-03, which is no row]"},
		{"built after all", []row{{id: "OP-01", what: "a"}, {id: "OP-02", what: "b"}, {id: "OP-03", what: "c", notBuilt: "d"}}, "[OP-03 has tests or parts, and is said not to be built]"},
		{"twice", []row{{id: "OP-01", what: "a"}, {id: "OP-01", what: "b"}, {id: "OP-02", what: "b"}, {id: "OP-03", what: "c"}}, "[OP-01 is there twice]"},
		{"nothing", []row{{id: "OP-01"}, {id: "OP-02", what: "b"}, {id: "OP-03", what: "c"}}, "[OP-01 does not say what it is]"},
	} {
		if _, faults := conformance(c.rows, tests); fmt.Sprint(faults) != c.want {
			t.Errorf("%s: %v, want %s", c.name, faults, c.want)
		}
	}
}
