package reports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"ancmbench"
)

// codes reads the closed set of warning codes from the source of the nouns.
func codes(t *testing.T) []ancmbench.WarningCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../result.go", nil, 0)
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
		t.Fatalf("found only %d codes in ../result.go", len(out))
	}
	return out
}

func TestEveryWarningHasAdvice(t *testing.T) {
	all := codes(t)
	for _, c := range all {
		e, ok := advice[c]
		if !ok {
			t.Errorf("no advice on %s", c)
			continue
		}
		if e.do == "" || e.says == "" || strings.HasSuffix(e.do, ".") {
			t.Errorf("%s: says %q, do %q", c, e.says, e.do)
		}
		got := Advise([]ancmbench.Warning{{Code: c, Value: 2, Bound: 1, Detail: "D"}})[0]
		if strings.ContainsAny(got.Text, "{}") {
			t.Errorf("%s: a placeholder is left in %q", c, got.Text)
		}
	}
	if len(advice) != len(all) {
		t.Errorf("%d entries for %d codes", len(advice), len(all))
	}
}

func TestAdviseGroups(t *testing.T) {
	ws := []ancmbench.Warning{
		{Code: ancmbench.WarnSteal, Value: 0.06, Bound: 0.05},
		{Code: ancmbench.WarnPortsLeft, Value: 300, Bound: 1000},
		{Code: ancmbench.WarnSteal, Value: 0.31, Bound: 0.05, Phase: "latency", Target: "a"},
		{Code: ancmbench.WarnErrors, Value: 0.02, Bound: 0.01, Phase: "peak", Target: "b"},
		{Code: ancmbench.WarnPortsLeft, Value: 20, Bound: 1000},
		{Code: ancmbench.WarnSteal, Value: 0.07, Bound: 0.05, Phase: "latency", Target: "b"},
	}
	got := Advise(ws)
	if len(got) != 3 {
		t.Fatalf("%d pieces of advice, want 3", len(got))
	}
	if got[0].Code != ancmbench.WarnErrors {
		t.Errorf("%s comes first, want the serious one", got[0].Code)
	}
	if got[1].Value != 0.31 || got[1].Count != 3 || !strings.Contains(got[1].Text, "31 %") {
		t.Errorf("steal: %+v, want the worst of three", got[1])
	}
	if w := got[1].Where(); w != "3 times, in latency, on a and b" {
		t.Errorf("where: %q", w)
	}
	if got[2].Value != 20 {
		t.Errorf("ports left: worst is %v, want the fewest", got[2].Value)
	}
	if u := Advise([]ancmbench.Warning{{Code: "of-tomorrow", Value: 1}}); len(u) != 1 || u[0].Text == "" || u[0].Do == "" {
		t.Errorf("an unknown code gives %+v", u)
	}
}

// A wait for the server is in the response times, and no advice may take it out again:
// to read service times instead is coordinated omission. What is counted for the whole
// host is said of it. A lag says at which quantile it was.
func TestAdviceBlamesNobodyWrongly(t *testing.T) {
	for code, e := range advice {
		if strings.Contains(e.do, "service time") {
			t.Errorf("%s advises %q", code, e.do)
		}
	}
	for _, code := range []ancmbench.WarningCode{ancmbench.WarnRetransmits, ancmbench.WarnListenOverflow} {
		if !strings.Contains(advice[code].says, "this host") {
			t.Errorf("%s is counted for the whole host, and says %q", code, advice[code].says)
		}
	}
	for detail, want := range map[string]string{"": "at the median ", "p99": "at the p99 ", "max": "at the max "} {
		if a := Advise([]ancmbench.Warning{{Code: ancmbench.WarnLag, Value: 0.1, Bound: 0.001, Detail: detail}})[0]; !strings.Contains(a.Text, want) {
			t.Errorf("detail %q: %q", detail, a.Text)
		}
	}
}
