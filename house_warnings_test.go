package ancmbench_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ancmbench"
)

// codesOfSource maps the name of every constant of type WarningCode to its value.
func codesOfSource(t *testing.T) map[string]ancmbench.WarningCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "warning_codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]ancmbench.WarningCode{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == "WarningCode" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[v.Names[0].Name] = ancmbench.WarningCode(s)
		}
		return true
	})
	return codes
}

func TestWarningsAreTheClosedSet(t *testing.T) {
	codes := codesOfSource(t)
	for name, code := range codes {
		if _, ok := ancmbench.Warnings[code]; !ok {
			t.Errorf("%s is not in Warnings", name)
		}
	}
	if len(codes) != len(ancmbench.Warnings) || len(codes) < 40 {
		t.Errorf("%d constants, %d facts", len(codes), len(ancmbench.Warnings))
	}
}

// raised is a place in the source that raises a warning, and what it gives it.
type raised struct {
	at, code             string
	value, bound, detail bool
}

// warningsRaised finds the literals of type Warning with a code that is written out,
// and the calls of the functions through which checks raise them.
func warningsRaised(fset *token.FileSet, file *ast.File) []raised {
	var out []raised
	code := func(e ast.Expr) string {
		name := ""
		switch x := e.(type) {
		case *ast.SelectorExpr:
			name = x.Sel.Name
		case *ast.Ident:
			name = x.Name
		}
		if strings.HasPrefix(name, "Warn") && name != "WarningCode" {
			return name
		}
		return ""
	}
	keys := func(lit *ast.CompositeLit) map[string]ast.Expr {
		given := map[string]ast.Expr{}
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					given[id.Name] = kv.Value
				}
			}
		}
		return given
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CompositeLit:
			given := keys(x)
			if given["Code"] != nil && code(given["Code"]) != "" {
				out = append(out, raised{fset.Position(x.Pos()).String(), code(given["Code"]), given["Value"] != nil, given["Bound"] != nil, given["Detail"] != nil})
			}
		case *ast.CallExpr:
			sel, ok := x.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for i, arg := range x.Args {
				c := code(arg)
				if c == "" {
					continue
				}
				r := raised{at: fset.Position(x.Pos()).String(), code: c, value: true, bound: true, detail: i+1 < len(x.Args) && !isEmpty(x.Args[i+1])}
				switch lit, isLit := x.Args[0].(*ast.CompositeLit); {
				case sel.Sel.Name == "warn":
				case sel.Sel.Name != "add" && sel.Sel.Name != "note":
					continue
				case isLit: // of a Check; one without a bound has none to show
					r.bound = keys(lit)["Bound"] != nil
				default:
					r.bound = ancmbench.Warnings[codeNamed[c]].Bound // is of a variable: cannot be read here
				}
				out = append(out, r)
			}
		}
		return true
	})
	return out
}

func isEmpty(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Value == `""`
}

// codeNamed is codesOfSource, for the walk above.
var codeNamed map[string]ancmbench.WarningCode

// Every place that raises a warning must set exactly the fields that its code carries. Only
// a listen queue's bound, which is zero, may be left out.
func TestWarningsCarryWhatTheirCodeSays(t *testing.T) {
	codeNamed = codesOfSource(t)
	seen := map[string]bool{}
	for _, p := range packages(t) {
		for _, name := range append(p.GoFiles, p.IgnoredGoFiles...) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range warningsRaised(fset, file) {
				code, known := codeNamed[r.code]
				facts := ancmbench.Warnings[code]
				seen[r.code] = true
				if code == ancmbench.WarnListenOverflow {
					r.bound = true
				}
				if !known || r.value != (facts.Unit != "") || r.bound != facts.Bound || r.detail != facts.Detail {
					t.Errorf("%s raises %s with value %v, bound %v, detail %v; it carries %+v", r.at, r.code, r.value, r.bound, r.detail, facts)
				}
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d codes are raised anywhere: %v", len(seen), seen)
	}
}
