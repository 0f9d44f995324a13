package ancmbench_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// mostKnotted is the limit for the number of a package's files that depend on one another
// in a cycle, because such files can only be understood together. A package of at most
// smallPackage files is understood as a whole anyway.
const (
	mostKnotted  = 10
	smallPackage = 25
)

// knotted lists the packages beyond the limit, with their largest cycle. A figure may only
// fall; lower it here when it does.
var knotted = map[string]int{}

// Files that depend on one another in a cycle are a hidden package inside the package.
func TestNoLargeCycleInAPackage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the figures are of the files for Linux")
	}
	for _, p := range sources(t) {
		if len(p.GoFiles) <= smallPackage {
			continue
		}
		knots, err := knotsOf(p)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		largest := knots[0]
		switch bound := cmp.Or(knotted[name], mostKnotted); {
		case len(largest) > bound:
			t.Errorf("%s: %d of %d files use one another in a circle, and %d may: %s", p.ImportPath, len(largest), len(p.GoFiles), bound, strings.Join(largest, " "))
		case knotted[name] > len(largest):
			t.Errorf("%s: the largest knot has %d files now: lower its %d here", p.ImportPath, len(largest), bound)
		}
	}
}

// The measure itself, on a package that is made up.
func TestKnots(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go": "package p\nfunc A() { B() }\ntype T struct{ u U }",
		"b.go": "package p\nfunc B() {}\nfunc (T) m() {}",
		"c.go": "package p\ntype U struct{}\nfunc C(t T) { t.m() }", // a -> c -> a, c -> b, a -> b -> a
		"d.go": "package p\nfunc D() { C(T{}) }",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	knots, err := knotsOf(source{ImportPath: "p", Dir: dir, GoFiles: []string{"a.go", "b.go", "c.go", "d.go"}})
	if err != nil || len(knots) != 2 || !slices.Equal(knots[0], []string{"a.go", "b.go", "c.go"}) {
		t.Errorf("%v, %v", knots, err)
	}
}

// source is a package that can be type-checked: its files, and where the compiled
// form of what it imports lies.
type source struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly, Standard       bool
	exports                 map[string]string
}

func sources(t *testing.T) []source {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly,Standard", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var ours []source
	exports := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p source
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && len(p.GoFiles) > 0 {
			ours = append(ours, p)
		}
	}
	for i := range ours {
		ours[i].exports = exports
	}
	if len(ours) < 20 {
		t.Fatalf("only %d packages", len(ours))
	}
	return ours
}

// knotsOf returns the sets of a package's files that depend on one another, the largest
// first. A method belongs to the file that declares it.
func knotsOf(p source) ([][]string, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(p.exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	pkg, err := conf.Check(p.ImportPath, fset, files, info)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
	}
	uses := map[string]map[string]bool{}
	for _, name := range p.GoFiles {
		uses[name] = map[string]bool{}
	}
	for id, o := range info.Uses {
		if o.Pkg() != pkg || o.Parent() != pkg.Scope() && !isMethod(o) {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(o.Pos()).Filename)
		if from != to {
			uses[from][to] = true
		}
	}
	return strongly(uses), nil
}

func isMethod(o types.Object) bool {
	f, ok := o.(*types.Func)
	return ok && f.Signature().Recv() != nil
}

// strongly returns the strongly connected sets of a graph, the largest first.
func strongly(edges map[string]map[string]bool) [][]string {
	reached := map[string]map[string]bool{}
	for from := range edges {
		seen, next := map[string]bool{from: true}, []string{from}
		for len(next) > 0 {
			at := next[0]
			next = next[1:]
			for to := range edges[at] {
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		reached[from] = seen
	}
	var sets [][]string
	done := map[string]bool{}
	for _, a := range slices.Sorted(maps.Keys(edges)) {
		if done[a] {
			continue
		}
		var set []string
		for _, b := range slices.Sorted(maps.Keys(edges)) {
			if reached[a][b] && reached[b][a] {
				set, done[b] = append(set, b), true
			}
		}
		sets = append(sets, set)
	}
	slices.SortStableFunc(sets, func(a, b []string) int { return len(b) - len(a) })
	return sets
}
