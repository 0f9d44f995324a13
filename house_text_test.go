package ancmbench_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	mostLines    = 500 // of a file
	mostFunction = 80  // lines of a function outside of tests: a screen
)

// exceptions are the places where a rule of the house does not hold, and why.
// One that is no longer needed is a fault.
var exceptions = map[string]string{
	"models/role.go: os.Exit":                "the last act of a process role, which is a command of its own",
	"models/role_was.go: os.Stderr":          "a process role says why it ends, to whoever started it",
	"models/hosting.go: os.Stderr":           "a process role hands its output on",
	"models/system_windows.go: os.Stdout":    "a process role sends its output to the app's log",
	"models/system_windows.go: os.Stderr":    "a process role sends its output to the app's log",
	"models/system_other.go: os.Stderr":      "a process role says why it ends, to whoever started it",
	"models/httpsys/lean.go: time.Sleep":     "out of descriptors: no event tells when there are some again",
	"models/ancm/relay.go: time.Sleep":       "out of descriptors: no event tells when there are some again",
	"models/peers/tree_linux.go: time.Sleep": "the kernel tells nobody but the parent that a process is gone, nor that a cgroup is empty of it",
	"models/peers/tree_bsd.go: time.Sleep":   "the kernel tells nobody but the parent that a process is gone",
}

// nothingNames are forbidden names of folders and files, because they say nothing.
var nothingNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "lib"}

// improper lists what a file does that its room may not: each is "file: what".
func improper(file string, f *ast.File) (faults []string) {
	room, _ := place(module + "/" + path.Dir(file))
	if path.Dir(file) == "." {
		room = "nouns"
	}
	outer := room == "cmd" || room == "scripts" // may print and exit
	test := strings.HasSuffix(file, "_test.go")
	add := func(what string) {
		if what = file + ": " + what; !slices.Contains(faults, what) {
			faults = append(faults, what)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				add("func init")
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "print" || id.Name == "println") && id.Obj == nil {
				add(id.Name)
			}
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if !ok || test {
				return true
			}
			switch what := pkg.Name + "." + n.Sel.Name; what {
			case "os.Exit", "os.Stdout", "os.Stderr", "fmt.Print", "fmt.Printf", "fmt.Println",
				"log.Print", "log.Printf", "log.Println", "log.Fatal", "log.Fatalf", "log.Fatalln":
				if !outer {
					add(what)
				}
			case "time.Sleep", "time.Tick": // pacing is loadgen's, and a tick drifts
				if room != "loadgen" || what == "time.Tick" {
					add(what)
				}
			}
		}
		return true
	})
	return faults
}

// oversized lists what does not fit: files, and functions outside of tests.
func oversized(file string, text []byte, fset *token.FileSet, f *ast.File) (faults []string) {
	if n := bytes.Count(text, []byte("\n")); n > mostLines {
		faults = append(faults, fmt.Sprintf("%s has %d lines, more than %d; split it by noun", file, n, mostLines))
	}
	if strings.HasSuffix(file, "_test.go") {
		return faults
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > mostFunction {
			faults = append(faults, fmt.Sprintf("%s: %s has %d lines, more than %d", file, fn.Name.Name, n, mostFunction))
		}
	}
	return faults
}

// eachFile parses every Go file of the tree, those for other systems as well.
func eachFile(t *testing.T, visit func(file string, text []byte, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(".", func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "results") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		n++
		visit(filepath.ToSlash(p), text, fset, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 30 {
		t.Fatalf("saw %d Go files; the walk does not reach the house", n)
	}
}

func TestOnlyCommandsPrintAndExitAndOnlyLoadgenSleeps(t *testing.T) {
	unused := map[string]bool{}
	for e := range exceptions {
		unused[e] = true
	}
	eachFile(t, func(file string, _ []byte, _ *token.FileSet, f *ast.File) {
		for _, fault := range improper(file, f) {
			if _, ok := exceptions[fault]; !ok {
				t.Error(fault)
			}
			delete(unused, fault)
		}
	})
	for e := range unused {
		t.Errorf("the exception %q is not needed any more", e)
	}
}

func TestFilesAndFunctionsFit(t *testing.T) {
	eachFile(t, func(file string, text []byte, fset *token.FileSet, f *ast.File) {
		for _, fault := range oversized(file, text, fset, f) {
			t.Error(fault)
		}
	})
}

func TestFileNamesSayWhatIsInThem(t *testing.T) {
	eachFile(t, func(file string, _ []byte, _ *token.FileSet, _ *ast.File) {
		for _, part := range strings.Split(strings.TrimSuffix(file, ".go"), "/") {
			for _, word := range strings.Split(part, "_") {
				if slices.Contains(nothingNames, word) {
					t.Errorf("%s: %q says nothing about what is in it", file, word)
				}
			}
		}
	})
}

// Each package has one comment, in doc.go where it is a library, that begins as
// godoc wants it and answers a question.
func TestPackageDocs(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		prefix := "Package " + p.Name + " "
		if p.Name == "main" {
			prefix = ""
		}
		if p.Doc == "" || !strings.HasPrefix(p.Doc, prefix) {
			t.Errorf("%s: its package comment is %q", p.ImportPath, p.Doc)
		}
		if room, _ := place(p.ImportPath); p.Name != "main" && room != "scripts" && !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s: has no doc.go", p.ImportPath)
		}
	}
}

// The rules themselves, with invented text.
func TestImproperAndOversized(t *testing.T) {
	const text = `package x

import ("fmt"; "log"; "os"; "time")

func init() {}

func f() {
	fmt.Println(1)
	println(2)
	log.Fatalf("3")
	time.Sleep(4)
	time.Tick(5)
	fmt.Fprintln(os.Stdout, 6)
	os.Exit(7)
}
`
	all := []string{"func init", "fmt.Println", "println", "log.Fatalf", "time.Sleep", "time.Tick", "os.Stdout", "os.Exit"}
	for file, want := range map[string][]string{
		"reports/words/x.go":      all,
		"x.go":                    all,
		"loadgen/wire/x.go":       {"func init", "fmt.Println", "println", "log.Fatalf", "time.Tick", "os.Stdout", "os.Exit"},
		"cmd/ancmbench/x.go":      {"func init", "println", "time.Sleep", "time.Tick"},
		"reports/words/x_test.go": {"func init", "println"},
		"internal/usage/x.go":     all,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, fault := range improper(file, f) {
			got = append(got, strings.TrimPrefix(fault, file+": "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %q, want %q", file, got, want)
		}
	}

	fits := "package x\n\nfunc f() {\n" + strings.Repeat("\n", mostFunction-2) + "}\n"
	long := "package x\n\nfunc f() {\n" + strings.Repeat("\n", mostFunction-1) + "}\n"
	huge := "package x\n" + strings.Repeat("\n", mostLines)
	for _, c := range []struct {
		file, text string
		faults     int
	}{{"x.go", fits, 0}, {"x.go", long, 1}, {"x_test.go", long, 0}, {"x.go", huge, 1}, {"x_test.go", huge, 1}, {"x.go", huge[:len(huge)-1], 0}} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, c.file, c.text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := oversized(c.file, []byte(c.text), fset, f); len(got) != c.faults {
			t.Errorf("%s of %d lines: %v, want %d faults", c.file, strings.Count(c.text, "\n"), got, c.faults)
		}
	}
}
