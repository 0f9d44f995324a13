package ancmbench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rooms, and what each may import of this module beside its own sub-rooms:
// the picture in CONTRIBUTING.md, "Rooms". What is not listed may import nothing
// and be imported by nobody, so a new folder must be given its place here.
var rooms = map[string][]string{
	"nouns":          {},
	"profiles":       {"nouns"},
	"models":         {"nouns"},
	"loadgen":        {"nouns"},
	"reports":        {"nouns"},
	"internal/usage": {"nouns"},
	"internal/host":  {"nouns"},
	"internal/clean": {},
	"experiment":     {"nouns", "profiles", "loadgen", "models", "internal/usage", "internal/host"},
	"fleet":          {"nouns", "loadgen", "experiment"},
	"cmd":            {"nouns", "fleet", "profiles", "loadgen", "models", "internal/usage", "internal/host", "experiment", "reports", "internal/clean"},
	"scripts":        {"nouns", "fleet", "profiles", "loadgen", "models", "internal/usage", "internal/host", "experiment", "reports"},
}

// floors are the packages of reports, and what each may import of the others: what is
// written stands on what is judged, that on figures, and those on plain statistics.
var floors = map[string][]string{
	"words":            {},
	"stats":            {"words"},
	"advice":           {"words"},
	"figures":          {"words", "stats", "advice"},
	"gate":             {"words", "stats", "advice", "figures"},
	"page":             {"words"},
	"sentences":        {"words", "stats", "advice", "figures"},
	"charts":           {"words", "stats", "figures", "page", "sentences"},
	"html":             {"words", "stats", "advice", "figures", "gate", "page", "sentences", "charts"},
	"render":           {"words", "stats", "advice", "figures", "gate", "page", "sentences", "charts", "html"},
	"internal/example": {"words"},
}

// parts are the packages of the module, below models/ancm ("" is itself), and what
// each may import of the others: what a file asks for and what is told of it stand
// below what is done with a request, and that below the processes.
var parts = map[string][]string{
	"debuglog":   {},
	"eventlog":   {},
	"redact":     {},
	"clr":        {"webconfig", "debuglog", "clr/clrtest"}, // the last in tests: C has no place in a test file
	"webconfig":  {"debuglog"},
	"":           {"webconfig", "debuglog", "eventlog", "redact"},
	"appprocess": {"", "webconfig", "debuglog", "eventlog", "redact"},
}

// part is the package of the module that lies there, if one does.
func part(room, below string) (name string, ok bool) {
	name, ok = strings.CutPrefix(below+"/", "ancm/")
	return strings.TrimSuffix(name, "/"), ok && room == "models"
}

// reserved lists libraries that only one room may import: statistics for reports, flags for
// the commands, vegeta for its engine. A prefix ending in / covers all packages below.
var reserved = map[string][]string{
	"github.com/montanaflynn/stats":           {"reports"},
	"gonum.org/v1/":                           {"reports"},
	"golang.org/x/perf/":                      {"reports"},
	"github.com/tsenart/vegeta/":              {"loadgen/vegeta", "scripts"},
	"github.com/shirou/gopsutil/":             {"internal/usage", "internal/host"},
	"github.com/HdrHistogram/hdrhistogram-go": {"nouns"},
	"github.com/nats-io/":                     {"fleet"},
	"github.com/spf13/":                       {"cmd"},
	"flag":                                    {"cmd", "scripts"},
	"log/slog":                                {"cmd", "scripts"},
	"math/rand":                               {}, // math/rand/v2 has seeds that are ours alone
}

const module = "ancmbench"

// place splits an import path of this module into its room and what is below.
func place(path string) (room, below string) {
	rel := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	if rel == "" {
		return "nouns", ""
	}
	room, below, _ = strings.Cut(rel, "/")
	if room == "internal" {
		name, rest, _ := strings.Cut(below, "/")
		return room + "/" + name, rest
	}
	return room, below
}

// ours reports whether a path is of this module.
func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// trespass returns why a package may not import another, or "". A test obeys the same
// rules, but may use any library.
func trespass(from, to string, test bool) string {
	room, below := place(from)
	if !ours(to) {
		if test {
			return ""
		}
		for lib, homes := range reserved {
			if to != lib && !(strings.HasSuffix(lib, "/") && strings.HasPrefix(to, lib)) {
				continue
			}
			if !slices.Contains(homes, room) && !slices.Contains(homes, strings.Trim(room+"/"+below, "/")) {
				return fmt.Sprintf("%s imports %s, which belongs to %v", from, to, homes)
			}
		}
		if room == "nouns" && strings.Contains(strings.Split(to, "/")[0], ".") && reserved[to] == nil {
			return fmt.Sprintf("%s imports %s; the nouns need nothing but the standard library and the histogram", from, to)
		}
		return ""
	}
	other, otherBelow := place(to)
	may, known := rooms[room]
	own, isPart := part(room, below)
	otherPart, toPart := part(other, otherBelow)
	switch {
	case !known:
		return fmt.Sprintf("%s is in no room that house_test.go knows", from)
	case rooms[other] == nil:
		return fmt.Sprintf("%s imports %s, which is in no room that house_test.go knows", from, to)
	case room != other && !slices.Contains(may, other):
		return fmt.Sprintf("%s imports %s; %s may import %v", from, to, room, may)
	case room == "reports" && other == room && below != otherBelow && !(test && otherBelow == "internal/example") &&
		!slices.Contains(floors[below], otherBelow):
		return fmt.Sprintf("%s imports %s; it may import %v", from, to, floors[below])
	case isPart && toPart && own != otherPart && !slices.Contains(parts[own], otherPart):
		return fmt.Sprintf("%s imports %s; of the module it may import %q", from, to, parts[own])
	case room == "loadgen" && other == room && otherBelow != "" && otherBelow != below:
		return fmt.Sprintf("%s imports %s; an engine is known to nobody in loadgen but itself", from, to)
	}
	return ""
}

// listed is the output of go list for a package, including files for other systems.
type listed struct {
	ImportPath, Dir, Doc, Name         string
	GoFiles, IgnoredGoFiles, CgoFiles  []string
	TestGoFiles, XTestGoFiles          []string
	Imports, TestImports, XTestImports []string
	Error                              *struct{ Err string }
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == "" || p.Dir == "" {
			t.Fatalf("go list writes of a package without path or folder: %+v", p)
		}
		all = append(all, p)
	}
	if len(all) < 30 {
		t.Fatalf("go list knows of %d packages; it does not reach the house", len(all))
	}
	return all
}

func TestImportsFollowTheRules(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		room, _ := place(p.ImportPath)
		seen[room], seen[strings.TrimPrefix(p.ImportPath, module+"/")] = true, true
		check := func(imports []string, test bool) {
			for _, i := range imports {
				if fault := trespass(p.ImportPath, i, test); fault != "" {
					t.Error(fault)
				}
			}
		}
		check(p.Imports, false)
		check(p.TestImports, true)
		check(p.XTestImports, true)
		for _, name := range p.IgnoredGoFiles { // for another system, or another tag
			check(importsOf(t, filepath.Join(p.Dir, name)), strings.HasSuffix(name, "_test.go"))
		}
	}
	for floor := range floors {
		if !seen["reports/"+floor] {
			t.Errorf("there is no package reports/%s any more; take it out of the picture", floor)
		}
	}
	for name := range parts {
		if !seen[path.Join("models/ancm", name)] {
			t.Errorf("there is no package models/ancm/%s any more; take it out of the picture", name)
		}
	}
	for room := range rooms {
		if !seen[room] {
			t.Errorf("there is no room %s any more; take it out of the picture", room)
		}
	}
}

func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// The rule itself, with invented imports.
func TestTrespass(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test, ok bool
	}{
		{"ancmbench/cmd/ancmbench", "ancmbench/experiment", false, true},
		{"ancmbench/cmd/ancmbench", "ancmbench/models/app", false, true},
		{"ancmbench/experiment", "ancmbench/internal/usage", false, true},
		{"ancmbench/fleet", "ancmbench/experiment/targets", false, true},
		{"ancmbench/fleet", "ancmbench/loadgen", false, true},
		{"ancmbench/fleet", "github.com/nats-io/nats.go", false, true},
		{"ancmbench/experiment", "ancmbench/loadgen", false, true},
		{"ancmbench/loadgen/wire", "ancmbench/loadgen", false, true},
		{"ancmbench/models/was", "ancmbench/models/internal/control", false, true},
		{"ancmbench/models/ancm", "ancmbench/models/ancm/webconfig", false, true},
		{"ancmbench/models/ancm/appprocess", "ancmbench/models/ancm", false, true},
		{"ancmbench/models", "ancmbench/models/ancm/appprocess", false, true},
		{"ancmbench/reports/figures", "ancmbench", false, true},
		{"ancmbench/reports/stats", "gonum.org/v1/gonum/stat/distuv", false, true},
		{"ancmbench/reports/render", "ancmbench/reports/gate", false, true},
		{"ancmbench/reports/figures", "ancmbench/reports/internal/example", true, true},
		{"ancmbench/loadgen/vegeta", "github.com/tsenart/vegeta/v12/lib", false, true},
		{"ancmbench", "github.com/HdrHistogram/hdrhistogram-go", false, true},
		{"ancmbench", "encoding/json", false, true},
		{"ancmbench", "github.com/invopop/jsonschema", true, true},
		{"ancmbench", "flag", true, true},

		{"ancmbench", "ancmbench/reports/figures", false, false},
		{"ancmbench/reports/figures", "ancmbench/reports/gate", false, false},
		{"ancmbench/reports/figures", "ancmbench/reports/render", true, false},
		{"ancmbench/reports/words", "ancmbench/reports/stats", false, false},
		{"ancmbench/reports/gate", "ancmbench/reports/page", false, false},
		{"ancmbench/reports/render", "ancmbench/reports/internal/example", false, false},
		{"ancmbench/reports/drawer", "ancmbench/reports/words", false, false},
		{"ancmbench", "ancmbench/profiles", true, false},
		{"ancmbench", "github.com/google/uuid", false, false},
		{"ancmbench/profiles", "ancmbench/models", false, false},
		{"ancmbench/models", "ancmbench/loadgen", false, false},
		{"ancmbench/models/app", "ancmbench/loadgen", false, false},
		{"ancmbench/models/ancm", "ancmbench/models/ancm/appprocess", true, false},
		{"ancmbench/models/ancm/webconfig", "ancmbench/models/ancm", false, false},
		{"ancmbench/models/ancm/debuglog", "ancmbench/models/ancm/webconfig", true, false},
		{"ancmbench/models/ancm/drawer", "ancmbench/models/ancm/redact", false, false},
		{"ancmbench/loadgen/wire", "ancmbench/models/app", true, false},
		{"ancmbench/loadgen/wire", "ancmbench/loadgen/vegeta", false, false},
		{"ancmbench/loadgen", "ancmbench/loadgen/wire", false, false},
		{"ancmbench/experiment", "ancmbench/reports/figures", false, false},
		{"ancmbench/experiment", "ancmbench/cmd/ancmbench", false, false},
		{"ancmbench/experiment", "ancmbench/fleet", false, false},
		{"ancmbench/loadgen", "ancmbench/fleet", false, false},
		{"ancmbench/models", "ancmbench/fleet", false, false},
		{"ancmbench/fleet", "ancmbench/models", false, false},
		{"ancmbench/experiment", "github.com/nats-io/nats.go", false, false},
		{"ancmbench/reports/figures", "ancmbench/experiment", false, false},
		{"ancmbench/internal/usage", "ancmbench/internal/host", false, false},
		{"ancmbench/scripts/x", "ancmbench/cmd/ancmbench", false, false},
		{"ancmbench/util", "ancmbench", false, false},
		{"ancmbench/reports/words", "ancmbench/util", false, false},
		{"ancmbench/experiment", "github.com/montanaflynn/stats", false, false},
		{"ancmbench/experiment", "gonum.org/v1/gonum/stat", false, false},
		{"ancmbench/loadgen/wire", "github.com/tsenart/vegeta/v12/lib", false, false},
		{"ancmbench/reports/words", "flag", false, false},
		{"ancmbench/loadgen", "math/rand", false, false},
	} {
		if fault := trespass(c.from, c.to, c.test); (fault == "") != c.ok {
			t.Errorf("%s -> %s (test %v): %q", c.from, c.to, c.test, fault)
		}
	}
}
