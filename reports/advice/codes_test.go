package advice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"ancmbench"
)

// codes reads the closed set of warning codes from the source of the nouns.
func codes(t *testing.T) []ancmbench.WarningCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../result.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []ancmbench.WarningCode
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == "WarningCode" {
			for _, x := range v.Values {
				s, err := strconv.Unquote(x.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, ancmbench.WarningCode(s))
			}
		}
		return true
	})
	if len(out) < 30 {
		t.Fatalf("found only %d codes in ../../result.go", len(out))
	}
	return out
}
